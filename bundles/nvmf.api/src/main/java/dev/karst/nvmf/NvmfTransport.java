package dev.karst.nvmf;

import dev.karst.base.StorageException;
import dev.karst.env.ServerSocket;
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

    /**
     * Ends as {@link #close} does, but gives its listening sockets away: they are watched by nobody, so who connects meanwhile
     * waits for {@link #adopt}.
     */
    default Map<ListenAddress, ServerSocket> park() throws StorageException {
        close();
        return Map.of();
    }

    /** Listens as after {@link #listen}, with a socket that a transport of this kind parked. */
    default void adopt(ListenAddress address, ServerSocket socket) throws StorageException {
        socket.close();
        listen(address);
    }

    /** Stops listening and ends all connections; returns when all have gone. */
    void close() throws StorageException;
}
