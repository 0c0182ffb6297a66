/** What a device does, and how large one I/O of each type may be. */
package dev.karst.bdev.core.shape;
