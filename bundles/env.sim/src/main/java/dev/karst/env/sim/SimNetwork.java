package dev.karst.env.sim;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Network;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Sockets within the simulated world. Bytes arrive in order, complete and once, in pieces of any size after delays of any
 * length, until a connection ends in order, by a reset, or because a test or a fault cuts it.
 */
public final class SimNetwork implements Network {
    private static final long HOP_NANOS = 10_000;
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final int RETRIES = 5;
    private static final int FIRST_EPHEMERAL_PORT = 49_152;

    private final SimRandom random;
    private final SimSchedule schedule;
    private final SimTrace trace;
    private final SimFaults faults;
    private final Map<Integer, List<SimServerSocket>> listeners = new TreeMap<>();
    private final Set<SimStreamSocket> open = new LinkedHashSet<>();
    /** What would have happened while the network stood still. */
    private final List<Runnable> held = new ArrayList<>();
    private boolean still;
    private int nextPort = FIRST_EPHEMERAL_PORT;
    private long nextId;

    SimNetwork(SimRandom random, SimSchedule schedule, SimTrace trace, SimFaults faults) {
        this.random = random;
        this.schedule = schedule;
        this.trace = trace;
        this.faults = faults;
    }

    @Override
    public ServerSocket listen(String address, int port, int backlog) throws StorageException {
        check(address, port);
        int wanted = port == 0 ? freePort() : port;
        for (SimServerSocket there : listeners.getOrDefault(wanted, List.of())) {
            if (there.address().equals(address) || isAny(address) || isAny(there.address())) {
                throw StorageException.errno(Errno.EADDRINUSE, "cannot listen on " + address + ":" + wanted + ": in use");
            }
        }
        var socket = new SimServerSocket(this, address, wanted, backlog);
        listeners.computeIfAbsent(wanted, _ -> new ArrayList<>()).add(socket);
        return socket;
    }

    @Override
    public StreamSocket connect(String address, int port, String local) throws StorageException {
        check(address, port);
        String from = local.isEmpty() ? address.contains(":") ? "::1" : "127.0.0.1" : local;
        check(from, 0);
        var socket = new SimStreamSocket(this, nextId++, from + ":" + nextPort++, address + ":" + port);
        open.add(socket);
        later(() -> arriveAtListener(socket, address, port, RETRIES));
        return socket;
    }

    /** Cuts all connections: both ends see a reset. */
    public void cutAll() {
        for (SimStreamSocket socket : List.copyOf(open)) {
            socket.fail(Errno.ECONNRESET);
        }
    }

    /** Nothing arrives and nothing fails while {@code still}; after it all goes on. */
    public void standStill(boolean still) {
        this.still = still;
        if (!still) {
            List<Runnable> events = List.copyOf(held);
            held.clear();
            events.forEach(this::later);
        }
    }

    /** Sockets that were opened or accepted and not closed; a test holds it against what it was before. */
    public int openSockets() {
        return open.size();
    }

    /** How many of {@code length} bytes a write takes when there is that much space; 0 has to wait. */
    int accepts(int space, long length) {
        int most = (int) Math.min(space, length);
        if (most == 0 || random.oneIn(64)) {
            return 0;
        }
        return random.oneIn(4) ? 1 + random.below(most) : most;
    }

    void written(SimStreamSocket socket, int length) {
        trace.event("write", socket.id, length);
        move(socket.out, socket.other);
    }

    /** Reading made space for whoever writes at the other end. */
    void spaceFreed(SimStreamSocket writer) {
        if (writer != null && writer.canGoOn()) {
            later(() -> tellIfSpace(writer));
        }
    }

    /** The end at {@code socket} sees a reset soon. */
    void reset(SimStreamSocket socket) {
        later(() -> socket.fail(Errno.ECONNRESET));
    }

    void closed(SimStreamSocket socket) {
        open.remove(socket);
    }

    void closed(SimServerSocket socket) {
        listeners.getOrDefault(socket.port(), List.of()).remove(socket);
    }

    private void later(Runnable event) {
        schedule.after(random.delayNanos(HOP_NANOS), () -> {
            if (still) {
                held.add(event);
            } else {
                event.run();
            }
        });
    }

    private static void tellIfSpace(SimStreamSocket writer) {
        if (writer.canGoOn()) {
            writer.tellWritable();
        }
    }

    private void arriveAtListener(SimStreamSocket client, String address, int port, int retries) {
        if (client.isClosed()) {
            return;
        }
        SimServerSocket listener = listener(address, port);
        if (listener == null || random.oneIn(faults.refuseOneIn)) {
            trace.event("refused", client.id, port);
            client.fail(Errno.ECONNREFUSED);
        } else if (listener.isFull()) {
            if (retries == 0) {
                client.fail(Errno.ETIMEDOUT);
            } else {
                schedule.after(RETRY_NANOS, () -> arriveAtListener(client, address, port, retries - 1));
            }
        } else {
            establish(client, listener);
        }
    }

    private void establish(SimStreamSocket client, SimServerSocket listener) {
        var server = new SimStreamSocket(this, nextId++, client.peer(), client.local());
        open.add(server);
        trace.event("connected", client.id, server.id);
        SimStreamSocket.join(client, server, new SimPipe(capacity()), new SimPipe(capacity()));
        listener.offer(server);
    }

    private void move(SimPipe pipe, SimStreamSocket reader) {
        boolean something = pipe.onTheWay() > 0 || pipe.endWritten && !pipe.endArrived;
        if (something && !pipe.moving && !pipe.broken) {
            pipe.moving = true;
            later(() -> arrive(pipe, reader));
        }
    }

    private void arrive(SimPipe pipe, SimStreamSocket reader) {
        pipe.moving = false;
        if (pipe.broken) {
            return;
        }
        if (random.oneIn(faults.cutOneIn)) {
            cut(reader);
            return;
        }
        if (pipe.onTheWay() > 0) {
            arriveBytes(pipe, reader);
        } else {
            pipe.endArrived = true;
            trace.event("end", reader.id, 0);
        }
        reader.tellReadable();
        move(pipe, reader);
    }

    private void arriveBytes(SimPipe pipe, SimStreamSocket reader) {
        int bytes = piece(pipe.onTheWay());
        pipe.arrive(bytes);
        trace.event("arrive", reader.id, bytes);
        if (reader.isClosed()) {
            pipe.broken = true;
            reset(reader.other);
        }
    }

    private void cut(SimStreamSocket socket) {
        trace.event("cut", socket.id, 0);
        socket.fail(Errno.ECONNRESET);
        socket.other.fail(Errno.ECONNRESET);
    }

    private int piece(int most) {
        return switch (random.below(8)) {
            case 0 -> 1;
            case 1 -> 1 + random.below(Math.min(most, 16));
            case 2, 3 -> 1 + random.below(most);
            default -> most;
        };
    }

    private int capacity() {
        return switch (random.below(4)) {
            case 0 -> (int) random.between(64, 1024);
            case 1 -> 4096;
            case 2 -> 65_536;
            default -> 262_144;
        };
    }

    private SimServerSocket listener(String address, int port) {
        for (SimServerSocket there : listeners.getOrDefault(port, List.of())) {
            if (there.address().equals(address) || isAny(there.address())) {
                return there;
            }
        }
        return null;
    }

    private int freePort() {
        while (!listeners.getOrDefault(nextPort, List.of()).isEmpty()) {
            nextPort++;
        }
        return nextPort++;
    }

    private static boolean isAny(String address) {
        return address.equals("0.0.0.0") || address.equals("::");
    }

    private static void check(String address, int port) throws StorageException {
        try {
            InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw new StorageException(-Errno.EINVAL, "not a numeric address: " + address, e);
        }
        if (port < 0 || port > 65_535) {
            throw StorageException.errno(Errno.EINVAL, "not a port: " + port);
        }
    }
}
