package dev.karst.bdev;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;

/** An opened block device. Survives the replacement of the device's module. */
public interface BdevDescriptor {
    Bdev bdev();

    boolean writable();

    /** Whether blocks come and go without their metadata. */
    default boolean hidesMetadata() {
        return false;
    }

    /** Bytes of data of a block as this descriptor shows it. */
    default int blockSize() {
        return hidesMetadata() ? bdev().dataBlockSize() : bdev().blockSize();
    }

    /**
     * A way in for this reactor. Reactor-confined.
     *
     * @throws StorageException ENODEV when the device is going, ENOMEM, or what the module says
     */
    BdevChannel openChannel(Reactor reactor) throws StorageException;

    /**
     * Has the owner told ({@link BdevEvents#overdue}) of I/O that is submitted from now on and is in flight for so long, at
     * most an eighth of it or a millisecond later; 0 for never, as it is at first. Control threads.
     *
     * @param timeoutMs up to a day
     */
    default void watch(long timeoutMs) {
        throw new UnsupportedOperationException("this descriptor watches nothing");
    }

    /** Closes; every channel must be closed before. Control threads, or the reactor that hears the events. */
    void close();
}
