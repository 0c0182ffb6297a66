/** Devices move from one version of a module to another, or all stay where they were. */
package dev.karst.bdev.core.swap;
