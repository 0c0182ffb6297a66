package dev.karst.bdev.lvol.bdev;

import dev.karst.base.StorageException;
import java.util.List;

/** A pool that is there. Control threads. */
public sealed interface Pool permits OwnPool, SpdkPoolOnBase {
    /** The largest block of a device that a pool can lie on. */
    int MOST_BLOCK = 4096;

    /** As they were after the last change or {@link #refresh}. */
    PoolFacts facts();

    /** All volumes, those that are not block devices too, as above. */
    List<VolumeFacts> volumes();

    /** Finds out what writes have changed since. */
    void refresh() throws StorageException;

    /** What is damaged, each in a line. */
    List<String> damage();

    /** Brings a volume back that was a block device of this module's previous version. */
    void restore(String name) throws StorageException;

    /** Lets go of the device, which keeps the pool: its volumes are block devices no more. */
    void leave() throws StorageException;

    /** The module goes: its block devices are parked, and nothing else uses the device any more. */
    void stop();
}
