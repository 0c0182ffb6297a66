package dev.karst.bdev.module;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.MediaEvent;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactors;
import java.util.List;

/**
 * What the block layer lets one module do; revoked when the module goes, after which every call fails with ENODEV.
 * Control threads.
 */
public interface BdevHost {
    Environment environment();

    Reactors reactors();

    /** Where a stacked module opens and claims what it stands on. */
    BdevRegistry registry();

    /**
     * Brings a device online, or attaches it to the parked one of its name.
     *
     * @throws StorageException EEXIST when name, alias or UUID are taken; EINVAL when the geometry is impossible or,
     *     for a parked one, does not fit
     */
    void register(ModuleBdev bdev, CreationRecord record) throws StorageException;

    /**
     * Takes a device away, also one that is claimed: owners are told, new I/O fails, what is in flight runs out or is
     * aborted, and the device is {@linkplain ModuleBdev#destroy destroyed}. Returns when all that has happened.
     *
     * @throws StorageException ENODEV when this module has no such device
     */
    void unregister(String name) throws StorageException;

    /**
     * Keeps a creation that waits for something, over the versions of the module and in the saved configuration, until it is
     * {@linkplain #drop dropped}.
     *
     * @param record its UUID may be null
     * @throws StorageException EEXIST when one of that name is kept, ENOSPC when too many are
     */
    default void keep(CreationRecord record) throws StorageException {
        throw StorageException.errno(Errno.EOPNOTSUPP, "this block layer keeps no creations that wait");
    }

    /**
     * Keeps a call that devices of the module come from, such as one that attaches a controller, or a setting: over the versions of
     * the module and of the block layer, and in the saved configuration, where it comes before all devices. One of the same name is
     * replaced. {@link BdevModule#restore} is given it when another block layer kept it.
     *
     * @param record its UUID counts for nothing, but is there
     * @throws StorageException ENOSPC when too many are
     */
    default void keepFirst(CreationRecord record) throws StorageException {
        throw StorageException.errno(Errno.EOPNOTSUPP, "this block layer keeps no calls that devices come from");
    }

    /** Does not keep it any more; false when there was none of that name. */
    default boolean drop(String name) {
        return false;
    }

    /** What is kept for the module, in the order in which it came; first what comes before devices. */
    default List<CreationRecord> kept() {
        return List.of();
    }

    /**
     * The device says something of its medium; owners are told.
     *
     * @throws StorageException ENODEV when this module has no such device, EINVAL when a range does not lie within it
     */
    default void mediaEvents(String name, List<MediaEvent> events) throws StorageException {
        throw StorageException.errno(Errno.EOPNOTSUPP, "this block layer hands no media events on");
    }

    /**
     * The device has another number of blocks now, more or fewer; owners are told. What waits beyond a new end, and what comes,
     * ends with {@link dev.karst.base.Status#OUT_OF_RANGE}; what is in the module already is the module's.
     */
    void resized(String name, long blocks) throws StorageException;

    /** The same for a device whose creation record says its size: {@code record} stands in its place from now on. */
    default void resized(String name, long blocks, CreationRecord record) throws StorageException {
        resized(name, blocks);
    }
}
