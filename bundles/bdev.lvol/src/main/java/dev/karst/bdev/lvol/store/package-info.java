/**
 * Stores of logical volumes: the format on disk, and all that changes it. Copy-on-write pages under a super block in two copies;
 * a mount reads what the newest whole super block points to, and writes nothing.
 *
 * <p>Everything here belongs to one reactor and works on an asynchronous {@link dev.karst.bdev.lvol.store.Medium}; what other
 * threads may call says so.
 */
package dev.karst.bdev.lvol.store;
