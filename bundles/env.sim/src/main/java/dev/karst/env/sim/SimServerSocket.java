package dev.karst.env.sim;

import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import java.util.ArrayDeque;
import java.util.Deque;

/** A simulated listening socket. */
final class SimServerSocket extends ServerSocket {
    private final class Source extends SimSource {
        /** Level-triggered: told again while connections wait. */
        @Override
        void deliver() {
            if (!waiting.isEmpty()) {
                signal();
                readiness.readable();
            }
        }
    }

    private final SimNetwork network;
    private final String address;
    private final int port;
    private final int backlog;
    private final Deque<SimStreamSocket> waiting = new ArrayDeque<>();
    private final Source source = new Source();
    private Readiness readiness;

    SimServerSocket(SimNetwork network, String address, int port, int backlog) {
        this.network = network;
        this.address = address;
        this.port = port;
        this.backlog = Math.max(1, backlog);
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public StreamSocket accept() {
        return waiting.pollFirst();
    }

    @Override
    public void watch(EventSet events, Readiness readiness) {
        source.watchedBy((SimEventSet) events);
        this.readiness = readiness;
        if (!waiting.isEmpty()) {
            source.signal();
        }
    }

    @Override
    public void unwatch() {
        source.watchedBy(null);
        readiness = null;
    }

    @Override
    public void close() {
        unwatch();
        network.closed(this);
        for (SimStreamSocket socket : waiting) {
            network.reset(socket.other);
            socket.close();
        }
        waiting.clear();
    }

    boolean isFull() {
        return waiting.size() >= backlog;
    }

    void offer(SimStreamSocket socket) {
        waiting.addLast(socket);
        source.signal();
    }
}
