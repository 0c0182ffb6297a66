package dev.karst.env;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;

/** A listening socket. Opened on a control thread, then confined to the reactor that watches it. */
public abstract class ServerSocket {
    public abstract String address();

    /** The port, also when 0 was asked for. */
    public abstract int port();

    /** A connection that waited, or null when there is none (or the process is out of descriptors). Never blocks. */
    public abstract StreamSocket accept();

    /** Tells {@code readiness} when connections wait; level-triggered. One event set at a time. */
    public abstract void watch(EventSet events, Readiness readiness);

    /** Stops being told. */
    public abstract void unwatch();

    /**
     * Another one for the same connections, to be watched by another reactor. Any thread, as long as nobody closes this one.
     *
     * @throws StorageException EMFILE; EOPNOTSUPP where sockets are simulated
     */
    public ServerSocket duplicate() throws StorageException {
        throw StorageException.errno(Errno.EOPNOTSUPP, "the listening socket " + address() + " cannot be watched twice");
    }

    /** Closes; connections that waited are reset. */
    public abstract void close();
}
