/** When a module has misbehaved too often. */
package dev.karst.bdev.core.fence;
