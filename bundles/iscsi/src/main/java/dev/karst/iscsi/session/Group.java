package dev.karst.iscsi.session;

import dev.karst.base.Clock;
import dev.karst.base.Crc32c;
import dev.karst.base.Histogram;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import dev.karst.env.StreamSocket;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.reactor.Reactor;
import dev.karst.stream.Connections;
import dev.karst.stream.Round;
import dev.karst.stream.StreamReader;
import dev.karst.stream.TransferBuffers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The connections of the target on one reactor, and what they share. */
@ReactorConfined
public final class Group {
    /** Most bytes that one command moves. */
    public static final int MAX_TRANSFER = 1 << 20;

    /** Most connections of the target. */
    private static final int MAX_CONNECTIONS = 1024;
    private static final int MEDIUM_BUFFERS = 64;
    private static final int MEDIUM_BYTES = 128 * 1024;
    private static final int LARGE_BUFFERS = 16;
    private static final TransferBuffers.Sizes SIZES =
        new TransferBuffers.Sizes("iscsi", MEDIUM_BUFFERS, MEDIUM_BYTES, LARGE_BUFFERS, MAX_TRANSFER);
    private static final long CHECK_NANOS = 1_000_000_000L;

    private final Reactor reactor;
    private final SessionHost host;
    private final Memory memory;
    /** From the first connection on, as {@link #shared}. */
    private TransferBuffers buffers;
    /** Zeros, then what is received. */
    private Region shared;
    private final Crc32c crc = new Crc32c();
    private final Counters counters = new Counters();
    private final ConnectionLog log;
    private final Connections<Connection> all;
    private final int mostConnections;
    private boolean closed;

    public Group(Reactor reactor, SessionHost host) {
        this.reactor = reactor;
        this.host = host;
        memory = host.environment().memory();
        log = new ConnectionLog(reactor);
        all = new Connections<>(reactor, CHECK_NANOS);
        mostConnections = Math.max(1, MAX_CONNECTIONS / host.reactors().all().size());
    }

    private void share() throws StorageException {
        if (shared == null) {
            shared = memory.allocate("iscsi reactor", MAX_TRANSFER + StreamReader.BUFFER_BYTES);
        }
        if (buffers == null) {
            buffers = new TransferBuffers(memory, SIZES);
        }
    }

    private void unshare() {
        if (buffers != null) {
            buffers.close();
            buffers = null;
        }
        if (shared != null) {
            memory.free(shared);
            shared = null;
        }
    }

    /** On the reactor: serves from now on. */
    public void start() {
        all.start();
    }

    public Reactor reactor() {
        return reactor;
    }

    SessionHost host() {
        return host;
    }

    Memory memory() {
        return memory;
    }

    TransferBuffers buffers() {
        return buffers;
    }

    /** Address of {@link #MAX_TRANSFER} zeros. */
    long zeros() {
        return shared.address();
    }

    /** Address of the buffer that the connections read to. */
    long received() {
        return shared.address() + MAX_TRANSFER;
    }

    Crc32c crc() {
        return crc;
    }

    Clock clock() {
        return host.environment().clock();
    }

    /** Counts how long a command took. */
    void tally(TargetNode node, Task task) {
        Histogram latencies = node.latencies(reactor.id());
        if (latencies != null) {
            latencies.tally(clock().nanos() - task.begunNanos);
        }
    }

    public Counters counters() {
        return counters;
    }

    ConnectionLog log() {
        return log;
    }

    Round round() {
        return all.round();
    }

    /** Ends all connections for their initiators, which come back elsewhere. Any thread; the reactor closes them when it can. Gives how many. */
    public int shut() {
        return all.shut();
    }

    /** A listener takes no more connections for a moment. */
    public void paused() {
        counters.acceptPauses++;
    }

    /** Takes a connection that was accepted at a portal of a group. */
    public void adopt(StreamSocket socket, int portalGroup) {
        if (all.size() >= mostConnections) {
            refuse(socket, "there are " + all.size() + " connections already");
            return;
        }
        Connection connection = make(socket, portalGroup);
        if (connection != null) {
            counters.accepted++;
            connection.start();
        }
    }

    private void refuse(StreamSocket socket, String why) {
        counters.refused++;
        log.refused(socket.peer(), why);
        socket.close();
    }

    /** A new connection; null, and the socket is closed, when there is no memory for it or the target ends. */
    Connection make(StreamSocket socket, int portalGroup) {
        if (closed) {
            refuse(socket, "the target ends");
            return null;
        }
        Region own;
        try {
            share();
            own = memory.allocate("iscsi connection", Connection.memoryBytes());
        } catch (StorageException e) {
            refuse(socket, e.getMessage());
            return null;
        }
        Connection connection = new Connection(this, socket, portalGroup, own);
        all.add(connection);
        return connection;
    }

    /** A connection has ended and nothing of it is in use. */
    void leave(Connection connection, Region own) {
        memory.free(own);
        all.remove(connection);
    }

    /** A connection for people to read; texts are empty and numbers 0 before the login is done. */
    public record Described(int id, int cid, int tsih, String peer, String local, String initiator, String node) {}

    /** All connections; on the reactor. */
    public List<Described> connections() {
        List<Described> described = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            described.add(all.get(i).describe());
        }
        return described;
    }

    /** Adds how many connections there are in which state, by SPDK's names; on the reactor. */
    public void count(Map<String, Long> sums) {
        for (int i = 0; i < all.size(); i++) {
            sums.merge(all.get(i).isClosed() ? "exited" : all.get(i).isEnding() ? "exiting" : "running", 1L, Long::sum);
        }
    }

    /** Ends all connections; {@code whenClosed} runs when the last has gone. */
    public void close(Runnable whenClosed) {
        closed = true;
        // With its session, which holds it until the device has given everything back.
        all.close(Connection::fail, () -> {
            unshare();
            whenClosed.run();
        });
    }
}
