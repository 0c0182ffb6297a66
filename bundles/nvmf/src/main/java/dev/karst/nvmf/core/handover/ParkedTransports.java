package dev.karst.nvmf.core.handover;

import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Keepsakes.Keepsake;
import dev.karst.env.ServerSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfTransport;
import dev.karst.nvmf.ParkedConnection;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What transports parked, in the environment's keeping, where the next transport or the next core finds it: listening sockets
 * by their address, connections by address and subsystem. What nobody takes in time is closed. Control threads.
 */
public final class ParkedTransports {
    /** How long things are kept until somebody says otherwise. */
    public static final long USUAL_TIMEOUT_MS = 3_000;

    private static final Logger LOG = System.getLogger(ParkedTransports.class.getName());
    private static final int VERSION = 1;
    /** What all names of the target begin with. */
    static final String OURS = "nvmf ";
    private static final String LISTENER = OURS + "listener ";
    private static final String CONNECTION = OURS + "connection ";
    private static final int MAX_REACTORS = 4096;
    private static final long NANOS_PER_MS = 1_000_000;

    private final Environment environment;
    private volatile long timeoutMs = USUAL_TIMEOUT_MS;

    public ParkedTransports(Environment environment) {
        this.environment = environment;
    }

    /** How long what is parked now is kept. */
    public long timeoutMs() {
        return timeoutMs;
    }

    /** How long what is parked from now on is kept. */
    public void timeoutMs(long timeoutMs) {
        this.timeoutMs = timeoutMs;
    }

    /** Keeps what a transport parked. */
    public void keep(NvmfTransport.Parked parked) {
        parked.listeners().forEach((address, socket) ->
            keep(new Keepsake(LISTENER + address + " ", new byte[0], null, socket)));
        for (ParkedConnection connection : parked.connections()) {
            String subsystem = connection.queue().length == 0 ? "" : whose(connection.queue()).subsystem();
            keep(new Keepsake(
                place(connection.listener(), subsystem) + connection.socket().peer(), write(connection), connection.socket(),
                null));
        }
    }

    private static QueueState whose(byte[] queue) {
        try {
            return QueueState.peek(queue);
        } catch (StorageException e) {
            throw new IllegalStateException("a queue of this core was handed over in a form that it cannot read", e);
        }
    }

    private void keep(Keepsake keepsake) {
        try {
            environment.keepsakes().put(keepsake, timeoutMs);
        } catch (StorageException e) {
            keepsake.close();
            LOG.log(Level.WARNING, "{0}is closed: {1}", keepsake.name(), e.getMessage());
        }
    }

    private static String place(ListenAddress address, String subsystem) {
        return CONNECTION + address + " " + subsystem + " ";
    }

    /** The listening socket of the address, or null when there is none any more. */
    public ServerSocket listener(ListenAddress address) {
        List<Keepsake> found = environment.keepsakes().take(LISTENER + address + " ");
        return found.isEmpty() ? null : found.getFirst().server();
    }

    /** Nobody listens there any more: what is kept of the address is closed. */
    public void close(ListenAddress address) {
        environment.keepsakes().close(LISTENER + address + " ");
        environment.keepsakes().close(CONNECTION + address + " ");
    }

    /** Closes all. */
    public void closeAll() {
        environment.keepsakes().close(OURS);
    }

    /** Gives a transport that is back all connections of an address where it listens again. */
    public void resume(NvmfTransport transport, ListenAddress address) {
        resume(transport, address, environment.keepsakes().take(CONNECTION + address + " "));
    }

    /** Gives a transport the connections to a subsystem that is back at an address. */
    public void resume(NvmfTransport transport, ListenAddress address, String subsystem) {
        resume(transport, address, environment.keepsakes().take(place(address, subsystem)));
    }

    /** Each controller before its I/O queues. */
    private void resume(NvmfTransport transport, ListenAddress address, List<Keepsake> kept) {
        List<Waiting> waiting = new ArrayList<>();
        for (Keepsake keepsake : kept) {
            try {
                waiting.add(read(keepsake, address));
            } catch (StorageException e) {
                keepsake.close();
                refused(keepsake.stream().peer(), e);
            }
        }
        waiting.sort(Comparator.comparingInt(Waiting::qid));
        int resumed = 0;
        long pauseNanos = 0;
        for (Waiting one : waiting) {
            try {
                transport.adopt(one.connection);
                resumed++;
                pauseNanos = Math.max(pauseNanos, environment.clock().nanos() - one.sinceNanos);
            } catch (StorageException e) {
                refused(one.connection.socket().peer(), e);
            }
        }
        if (resumed > 0) {
            LOG.log(Level.INFO, "{0} connections at {1} go on after {2} ms", resumed, address, pauseNanos / NANOS_PER_MS);
        }
    }

    private static void refused(String peer, StorageException why) {
        LOG.log(Level.WARNING, "cannot take over the connection of {0}: {1}; its host has to connect again", peer,
            why.getMessage());
    }

    /** A connection that waits for its transport. */
    private record Waiting(ParkedConnection connection, int qid, long sinceNanos) {}

    private byte[] write(ParkedConnection connection) {
        return new StateWriter(VERSION).number(environment.clock().nanos()).number(connection.reactor())
            .bytes(connection.state()).bytes(connection.queue()).end();
    }

    private static Waiting read(Keepsake keepsake, ListenAddress address) throws StorageException {
        var reader = new StateReader(keepsake.state(), VERSION);
        long sinceNanos = reader.number();
        var connection = new ParkedConnection(
            address, reader.number(0, MAX_REACTORS), keepsake.stream(), reader.bytes(), reader.bytes());
        reader.end();
        int qid = connection.queue().length == 0 ? 0 : QueueState.peek(connection.queue()).qid();
        return new Waiting(connection, qid, sinceNanos);
    }
}
