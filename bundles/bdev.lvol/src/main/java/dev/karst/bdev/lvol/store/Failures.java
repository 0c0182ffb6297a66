package dev.karst.bdev.lvol.store;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;

/** What cannot be done, in words. */
final class Failures {
    private Failures() {}

    static StorageException damaged(String volume, String why) {
        return StorageException.failure(Errno.EIO, "volume " + volume + " is damaged: " + why);
    }

    static StorageException busy(String volume, String with) {
        return StorageException.failure(Errno.EBUSY, "volume " + volume + " is busy: " + with + " is under way");
    }

    static StorageException noClusters(long wanted, long free) {
        return StorageException.failure(
            Errno.ENOSPC, wanted + " clusters are needed and " + free + " are free; delete a volume, or grow the store");
    }

    static StorageException noPages() {
        return StorageException.failure(
            Errno.ENOSPC, "no page of metadata is left; delete a volume, or make a store with more num_md_pages_per_cluster_ratio");
    }

    static StorageException noRoomForRepair(int needed, int free) {
        return StorageException.failure(Errno.ENOSPC, "a repair writes " + needed + " pages of metadata beside those that are there, and "
            + free + " are free; delete volumes that are whole and not needed, or copy those that are to another store");
    }

    static StorageException exists(String name) {
        return StorageException.failure(Errno.EEXIST, "there is a volume " + name + " already");
    }

    static StorageException parentAlready(String volume, String parent) {
        return StorageException.failure(Errno.EEXIST, parent + " is the parent of volume " + volume + " already");
    }

    static StorageException io(String what, int status) {
        int errno = Status.domain(status) == Status.ERRNO ? Status.code(status) : Errno.EIO;
        return StorageException.failure(errno, what + " failed: " + Status.text(status));
    }

    static StorageException invalid(String why) {
        return StorageException.failure(Errno.EINVAL, why);
    }

    static StorageException notPermitted(String why) {
        return StorageException.failure(Errno.EPERM, why);
    }

    /** The status of an I/O that could not be done for this reason. */
    static int status(StorageException failure) {
        return Status.errno(failure.code());
    }

    /** What is asked of a store that goes. */
    static StorageException closing(String store) {
        return StorageException.failure(Errno.EAGAIN, "store " + store + " is being closed; try again");
    }
}
