package dev.karst.bdev.module;

import dev.karst.base.StorageException;
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
     * is given.
     *
     * @throws StorageException when it cannot: the device stays parked until its time-out
     */
    void restore(CreationRecord record) throws StorageException;
}
