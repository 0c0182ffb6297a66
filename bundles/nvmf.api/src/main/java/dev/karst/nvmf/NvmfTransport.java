package dev.karst.nvmf;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import java.util.Map;

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

    /**
     * What its connections on a reactor have done and hold now, by names for {@code nvmf_get_stats}, in a fixed order. Called on
     * that reactor.
     */
    Map<String, Long> statistics(Reactor reactor);

    /** Stops listening and ends all connections; returns when all have gone. */
    void close() throws StorageException;
}
