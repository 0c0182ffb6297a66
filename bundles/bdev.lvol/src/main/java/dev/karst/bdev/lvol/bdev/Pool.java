package dev.karst.bdev.lvol.bdev;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.store.StoreCheck;
import dev.karst.bdev.module.CreationRecord;
import java.util.List;
import java.util.function.IntPredicate;

/** A pool that is there. Control threads. */
public sealed interface Pool permits OwnPool, SpdkPoolOnBase {
    /** As they were after the last change or {@link #refresh}. */
    PoolFacts facts();

    /** All volumes, those that are not block devices too, as above. */
    List<VolumeFacts> volumes();

    /** Finds out what writes have changed since. */
    void refresh() throws StorageException;

    /** What is damaged, each in a line. */
    List<String> damage();

    /**
     * Finds out what is damaged now, and changes nothing. I/O goes on.
     *
     * @param goesOn told from time to time how many percent were read, by the caller's thread; false ends the check
     * @throws StorageException ECANCELED when it was ended, EBUSY while another one is under way
     */
    StoreCheck check(IntPredicate goesOn) throws StorageException;

    /** Brings a volume back that was a block device of this module's previous version. */
    void restore(CreationRecord record) throws StorageException;

    /** Lets go of the device, which keeps the pool: its volumes are block devices no more. */
    void leave() throws StorageException;

    /** The module goes: its block devices are parked, and nothing else uses the device any more. */
    void stop();
}
