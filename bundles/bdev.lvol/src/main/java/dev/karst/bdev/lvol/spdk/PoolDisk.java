package dev.karst.bdev.lvol.spdk;

import dev.karst.base.StorageException;

/** Where a pool may lie. Control threads; reading blocks. */
public interface PoolDisk {
    /** What people call it. */
    String name();

    /** How large it is. */
    long bytes();

    /**
     * Reads bytes that lie within the disk.
     *
     * @param offset in bytes, a multiple of 4096
     * @param length in bytes, a multiple of 4096
     * @throws StorageException what the disk says
     */
    byte[] read(long offset, int length) throws StorageException;
}
