package dev.karst.nvmf;

import dev.karst.base.StorageException;

/** A transport of the target. Control threads. */
public interface NvmfTransport {
    TransportOptions options();

    /**
     * Listens and accepts from now on.
     *
     * @return the address, with the port that was chosen if 0 was asked for
     * @throws StorageException EADDRINUSE, EADDRNOTAVAIL, EINVAL, EACCES, naming the address
     */
    ListenAddress listen(ListenAddress address) throws StorageException;

    /** Does not listen there any more; connections stay. */
    void unlisten(ListenAddress address);

    /** Stops listening and ends all connections; returns when all have gone. */
    void close() throws StorageException;
}
