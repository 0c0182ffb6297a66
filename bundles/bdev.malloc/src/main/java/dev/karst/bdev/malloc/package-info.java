/**
 * Block devices in memory. The data lies in a named region of the environment, so it outlives the bundle: a device that
 * is parked while the bundle is replaced comes back with what was written.
 */
package dev.karst.bdev.malloc;
