/**
 * The block devices that a pool stands on: the one that it lies on, and those outside of it that its volumes are clones of. All I/O here
 * is done by the reactor of the pool.
 */
package dev.karst.bdev.lvol.base;
