package dev.karst.nvmf;

import dev.karst.base.StorageException;
import dev.karst.env.ServerSocket;
import dev.karst.reactor.Reactor;
import java.util.List;
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
     * What a transport leaves to its successor. Nobody watches the sockets.
     *
     * @param listeners listening sockets: who connects meanwhile waits
     * @param connections connections that can go on
     */
    record Parked(Map<ListenAddress, ServerSocket> listeners, List<ParkedConnection> connections) {}

    /**
     * Ends as {@link #close} does, but gives away its listening sockets and the connections that come to rest in time; the
     * others end.
     */
    default Parked park() throws StorageException {
        close();
        return new Parked(Map.of(), List.of());
    }

    /** Listens as after {@link #listen}, with a socket that a transport of this kind parked. */
    default void adopt(ListenAddress address, ServerSocket socket) throws StorageException {
        socket.close();
        listen(address);
    }

    /**
     * Goes on with a connection that a transport of this kind parked, perhaps one of another version; closes it if it
     * cannot. Returns when that is decided.
     *
     * @throws StorageException EINVAL, saying why it was closed; ETIMEDOUT
     */
    default void adopt(ParkedConnection parked) throws StorageException {
        parked.socket().close();
    }

    /** Stops listening and ends all connections; returns when all have gone. */
    void close() throws StorageException;
}
