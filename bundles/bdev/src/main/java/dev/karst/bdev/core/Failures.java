package dev.karst.bdev.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;

/** Refusals of the control plane that several methods have. */
public final class Failures {
    private Failures() {}

    public static StorageException noSuchBdev(String name) {
        return StorageException.failure(
            Errno.ENODEV, "there is no block device " + name + "; bdev:list shows those that there are");
    }
}
