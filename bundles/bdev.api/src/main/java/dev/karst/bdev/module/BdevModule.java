package dev.karst.bdev.module;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import org.osgi.annotation.versioning.ConsumerType;

/** A kind of block device, a service. Control threads. */
@ConsumerType
public interface BdevModule {
    /** Its name, unique and stable over versions: what a parked device waits for. */
    String name();

    /** The block layer is there: {@code host} may be used from now until {@link #stop}. */
    void start(BdevHost host);

    /**
     * The block layer is gone or the module is going; the host refuses everything from now on and no I/O is in flight.
     */
    void stop();

    /**
     * Brings back a device that was parked when the module's previous version went, registering it with the record it
     * is given; or what {@link BdevHost#keepFirst} kept in the block layer before this one.
     *
     * @throws StorageException when it cannot: the device stays parked until its time-out
     */
    void restore(CreationRecord record) throws StorageException;

    /**
     * A device came, or was there before this module: the module may register devices that stand on it, by its configuration
     * alone and without reading from it. Returns soon; control threads, several at a time.
     */
    default void examineConfig(Bdev bdev) {}

    /**
     * After all modules have looked by their configuration, for a device that nobody has claimed: the module may open it and
     * read, and register and claim if it finds something of its own. The device may go meanwhile, as for any owner.
     *
     * @param done told once the module has closed it again or claimed it; any thread. Until then no other module is asked.
     */
    default void examineDisk(Bdev bdev, Runnable done) {
        done.run();
    }
}
