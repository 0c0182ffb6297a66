package dev.karst.nvmf.tcp;

import dev.karst.base.StorageException;
import dev.karst.env.Readiness;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;

/** A listening socket, watched by one reactor, that deals connections out to all. Confined to that reactor. */
final class TcpListener extends Readiness {
    /** How many connections are accepted in a window; SPDK's figures. More wait in the kernel. */
    private static final int ACCEPTS_PER_WINDOW = 16;
    private static final long WINDOW_NANOS = 10_000_000;

    private final TcpTransport transport;
    private final Reactor reactor;
    private final ServerSocket socket;
    private final ListenAddress address;
    private final Timer resume = new Timer() {
        @Override
        public void expired() {
            start();
        }
    };
    private long windowNanos;
    private int accepted;

    TcpListener(TcpTransport transport, Reactor reactor, ServerSocket socket, ListenAddress address) {
        this.transport = transport;
        this.reactor = reactor;
        this.socket = socket;
        this.address = address;
    }

    ListenAddress address() {
        return address;
    }

    Reactor reactor() {
        return reactor;
    }

    void start() {
        socket.watch(reactor.events(), this);
    }

    @Override
    public void readable() {
        long now = reactor.nowNanos();
        if (now - windowNanos >= WINDOW_NANOS) {
            windowNanos = now;
            accepted = 0;
        }
        while (accepted < ACCEPTS_PER_WINDOW) {
            StreamSocket next = socket.accept();
            if (next == null) {
                return;
            }
            accepted++;
            transport.deal(next, address);
        }
        transport.group(reactor).counters().acceptPauses++;
        socket.unwatch();
        reactor.schedule(resume, windowNanos + WINDOW_NANOS - now);
    }

    /** Another one for the same connections, on another reactor. Control threads. */
    TcpListener on(Reactor other) throws StorageException {
        return new TcpListener(transport, other, socket.duplicate(), address);
    }

    /** Accepts no more; gives the socket, which others may watch. */
    ServerSocket park() {
        reactor.cancel(resume);
        socket.unwatch();
        return socket;
    }

    void close() {
        park().close();
    }
}
