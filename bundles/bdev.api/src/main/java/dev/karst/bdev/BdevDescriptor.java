package dev.karst.bdev;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;

/** An opened block device. Survives the replacement of the device's module. */
public interface BdevDescriptor {
    Bdev bdev();

    boolean writable();

    /**
     * A way in for this reactor. Reactor-confined.
     *
     * @throws StorageException ENODEV when the device is going, ENOMEM, or what the module says
     */
    BdevChannel openChannel(Reactor reactor) throws StorageException;

    /** Closes; every channel must be closed before. Control threads, or the reactor that hears the events. */
    void close();
}
