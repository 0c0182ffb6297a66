/**
 * Reads what SPDK wrote: pools of logical volumes in its blobstore's format, version 3, shut down in order or not. Nothing is ever
 * written. Facts of the format: SPDK, lib/blob/blobstore.h; no line of it is here.
 */
package dev.karst.bdev.lvol.spdk;
