/** Logical volumes on block devices. */
package dev.karst.bdev.lvol;
