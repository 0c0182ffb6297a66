/**
 * Pools of volumes on block devices, and the volumes as block devices: what lies between the block layer and the store. Pools of our own
 * are read and written, those that SPDK made are read. The map of a volume is asked by the reactor that does the I/O; whatever changes it
 * is done by the reactor of the store.
 */
package dev.karst.bdev.lvol.bdev;
