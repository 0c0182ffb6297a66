package dev.karst.bdev.module;

import dev.karst.base.StorageException;
import dev.karst.bdev.BdevRegistry;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactors;

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

    /** The device has another number of blocks now; owners are told. */
    void resized(String name, long blocks) throws StorageException;

    /** The same for a device whose creation record says its size: {@code record} stands in its place from now on. */
    default void resized(String name, long blocks, CreationRecord record) throws StorageException {
        resized(name, blocks);
    }
}
