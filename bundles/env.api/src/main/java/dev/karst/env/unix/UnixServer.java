package dev.karst.env.unix;

import dev.karst.base.StorageException;

/** Listens on a unix socket. Control threads. */
public abstract class UnixServer {
    /**
     * Waits for a connection.
     *
     * @throws StorageException ETIMEDOUT when none came; ECANCELED once it is closed; EMFILE
     */
    public abstract UnixSocket accept(long timeoutMs) throws StorageException;

    /** Closes, and removes the path. A call of {@link #accept} on another thread ends. */
    public abstract void close();
}
