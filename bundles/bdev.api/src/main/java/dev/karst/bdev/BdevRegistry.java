package dev.karst.bdev;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import java.util.List;
import java.util.Optional;

/** All block devices, a service. Any control thread. */
public interface BdevRegistry {
    /** In the order in which they were registered. */
    List<Bdev> all();

    /** By name, alias or UUID. */
    Optional<Bdev> find(String name);

    /**
     * Opens a device.
     *
     * @param name its name, an alias or its UUID
     * @param write whether it will be written
     * @param listener the reactor on which {@code events} are told
     * @throws StorageException ENODEV when there is none, EPERM when somebody else claimed it for writing, EROFS
     */
    BdevDescriptor open(String name, boolean write, Reactor listener, BdevEvents events) throws StorageException;

    /**
     * Opens a device as {@link #open} does, but shows blocks without their metadata: protection information is made on the
     * way down, and checked and taken off on the way up; other metadata is written as zeros. A device without any is
     * opened as usual.
     */
    default BdevDescriptor openWithoutMetadata(String name, boolean write, Reactor listener, BdevEvents events)
        throws StorageException {
        return open(name, write, listener, events);
    }

    /**
     * Claims a device for writing: until released, nobody else may open it for writing.
     *
     * @param owner who claims, for people to read
     * @throws StorageException EPERM when somebody else has claimed it, naming who
     */
    default void claim(BdevDescriptor descriptor, String owner) throws StorageException {
        claim(descriptor, Claim.exclusive(owner));
    }

    /**
     * Claims a device that was opened for reading, to serve it to hosts; from then on it may be written. Another may
     * who serves it too; nobody else may write. What hosts of the two do to each other's blocks is for them to
     * agree upon.
     *
     * @param owner who serves it, for people to read
     * @throws StorageException EPERM when somebody else has claimed it, or has it open for writing, or the owner serves it already
     */
    default void claimToServe(BdevDescriptor descriptor, String owner) throws StorageException {
        claim(descriptor, Claim.serving(owner));
    }

    /**
     * Claims a device. What a stacked device that is parked had claimed stays claimed for it, and only its successor can
     * take it over.
     *
     * @throws StorageException EPERM when somebody else holds a claim, or has it open for writing and the type forbids that;
     *     EINVAL when the key does not fit the type, or the descriptor writes and nobody may
     */
    void claim(BdevDescriptor descriptor, Claim claim) throws StorageException;

    /** Gives a claim back. */
    void release(BdevDescriptor descriptor);
}
