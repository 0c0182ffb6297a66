/** I/Os in a row. */
package dev.karst.bdev.core.ring;
