package dev.karst.bdev.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;

/**
 * Refusals of the control plane: the system's words for the error number first, since clients of SPDK look for them.
 */
public final class Failures {
    private Failures() {}

    public static StorageException of(int errno, String why) {
        return StorageException.errno(errno, Errno.text(errno) + ": " + why);
    }

    public static StorageException noSuchBdev(String name) {
        return of(Errno.ENODEV, "there is no block device " + name + "; bdev:list shows those that there are");
    }
}
