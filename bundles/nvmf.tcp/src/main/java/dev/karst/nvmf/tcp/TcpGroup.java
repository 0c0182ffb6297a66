package dev.karst.nvmf.tcp;

import dev.karst.base.Crc32c;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import dev.karst.env.StreamSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.ParkedConnection;
import dev.karst.nvmf.TransportOptions;
import dev.karst.reactor.Reactor;
import dev.karst.stream.Connections;
import dev.karst.stream.Round;
import dev.karst.stream.StreamReader;
import dev.karst.stream.TransferBuffers;
import dev.karst.stream.TransferBuffers.Sizes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The connections of one transport on one reactor, and what they share: buffers, the digest, the round in which those that
 * are ready are read and those that have something to send are flushed, one write for all that a round produced.
 */
@ReactorConfined
final class TcpGroup {
    static final long ICREQ_TIMEOUT_NANOS = 5_000_000_000L;
    static final long CONNECT_TIMEOUT_NANOS = 10_000_000_000L;
    /** How long a host may take nothing, or owe data, without any progress. */
    static final long STALL_TIMEOUT_NANOS = 30_000_000_000L;
    /** How long a host may take to close after a C2HTermReq. NVMe TCP Transport 1.0, 3.5. */
    static final long TERMINATION_NANOS = 10_000_000_000L;

    private static final long CHECK_NANOS = 2_500_000_000L;
    static final int ZEROS_BYTES = 128 * 1024;
    private static final int SMALL_BYTES = 8192;
    private static final int SMALL_COUNT = 512;
    private static final int LARGE_COUNT = 64;

    private final Reactor reactor;
    private final NvmfHost host;
    private final TransportOptions options;
    private final Memory memory;
    private final TransferBuffers buffers;
    /** Zeros, then what is received. */
    private final Region shared;
    private final Crc32c crc = new Crc32c();
    private final TcpCounters counters = new TcpCounters();
    private final ConnectionLog log;
    private final Connections<TcpConnection> all;

    TcpGroup(Reactor reactor, NvmfHost host, TransportOptions options) throws StorageException {
        this.reactor = reactor;
        this.host = host;
        this.options = options;
        memory = host.environment().memory();
        shared = memory.allocate("nvmf.tcp reactor", ZEROS_BYTES + StreamReader.BUFFER_BYTES);
        buffers = buffers(options.maxIoBytes());
        log = new ConnectionLog(reactor);
        all = new Connections<>(reactor, CHECK_NANOS);
    }

    private TransferBuffers buffers(int maxIoBytes) throws StorageException {
        try {
            return new TransferBuffers(memory, new Sizes("nvmf.tcp", SMALL_COUNT, SMALL_BYTES, LARGE_COUNT, maxIoBytes));
        } catch (StorageException e) {
            memory.free(shared);
            throw e;
        }
    }

    void start() {
        all.start();
    }

    Reactor reactor() {
        return reactor;
    }

    NvmfHost host() {
        return host;
    }

    TransportOptions options() {
        return options;
    }

    Memory memory() {
        return memory;
    }

    TransferBuffers buffers() {
        return buffers;
    }

    /** Address of zeros. */
    long zeros() {
        return shared.address();
    }

    /** Address of the buffer that the connections read to. */
    long received() {
        return shared.address() + ZEROS_BYTES;
    }

    Crc32c crc() {
        return crc;
    }

    TcpCounters counters() {
        return counters;
    }

    ConnectionLog log() {
        return log;
    }

    Round round() {
        return all.round();
    }

    int size() {
        return all.size();
    }

    /** Ends all connections for their hosts, which come back elsewhere. Any thread; the reactor closes them when it can. Gives how many. */
    int shut() {
        return all.shut();
    }

    /** What the connections have done and hold now. */
    Map<String, Long> statistics() {
        long requests = 0;
        for (int i = 0; i < all.size(); i++) {
            requests += all.get(i).requestsInUse();
        }
        var statistics = new LinkedHashMap<String, Long>();
        statistics.put("connections", (long) all.size());
        statistics.put("requests", requests);
        statistics.put("small_buffers", (long) buffers.smallInUse());
        statistics.put("large_buffers", (long) buffers.largeInUse());
        counters.tell(statistics);
        return statistics;
    }

    /** Takes a connection that was accepted. */
    void adopt(StreamSocket socket, ListenAddress listener) {
        TcpConnection connection = make(socket, listener);
        if (connection != null) {
            counters.accepted++;
            connection.start();
        }
    }

    /** A new connection; null, and the socket is closed, when there is no memory for it. */
    private TcpConnection make(StreamSocket socket, ListenAddress listener) {
        Region own;
        try {
            own = memory.allocate("nvmf.tcp connection", TcpConnection.memoryBytes());
        } catch (StorageException e) {
            counters.refused++;
            log.refused(socket.peer(), e.getMessage());
            socket.close();
            return null;
        }
        TcpConnection connection = new TcpConnection(this, socket, listener, own);
        all.add(connection);
        return connection;
    }

    /** A connection has ended and nothing of it is in use. */
    void leave(TcpConnection connection, Region own) {
        memory.free(own);
        all.remove(connection);
    }

    /** What throws ends its connection and nothing else. */
    void failed(TcpConnection connection, Throwable failure) {
        counters.failures++;
        log.failed(connection.peer(), failure);
        connection.close();
    }

    /** Reads nothing more; {@code done} runs when all connections are at rest, or have had the time for it. */
    void rest(Runnable done) {
        all.round().rest();
        new GroupRest(this, all, done).expired();
    }

    /** Ends those that are at rest and that a successor can go on with. {@link #rest} was before; {@link #close} follows. */
    List<ParkedConnection> handOver() {
        List<ParkedConnection> parked = new ArrayList<>();
        List<TcpConnection> leaving = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            TcpConnection connection = all.get(i);
            ParkedConnection one = connection.isAtRest() ? connection.park() : null;
            if (one != null) {
                parked.add(one);
                leaving.add(connection);
            }
        }
        leaving.forEach(TcpConnection::leave);
        return parked;
    }

    /** Goes on with a connection that a predecessor parked; {@code done} is told null, or why that cannot be. */
    void adopt(ParkedConnection parked, Consumer<String> done) {
        TcpConnection connection = make(parked.socket(), parked.listener());
        if (connection == null) {
            done.accept("there is no memory for it");
            return;
        }
        try {
            connection.takeOver(parked, done);
        } catch (RuntimeException | AssertionError e) {
            failed(connection, e);
            done.accept(e.toString());
        }
    }

    /** Ends all connections; {@code whenClosed} runs when the last has gone. */
    void close(Runnable whenClosed) {
        all.close(connection -> connection.disconnect("the transport closes"), () -> {
            buffers.close();
            memory.free(shared);
            whenClosed.run();
        });
    }
}
