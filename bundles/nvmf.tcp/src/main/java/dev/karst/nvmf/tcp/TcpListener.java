package dev.karst.nvmf.tcp;

import dev.karst.env.Readiness;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.reactor.Reactor;

/** A listening socket, watched by one reactor, that deals connections out to all. Confined to that reactor. */
final class TcpListener extends Readiness {
    /** How many connections are accepted before anything else has its turn. */
    private static final int BATCH = 16;

    private final TcpTransport transport;
    private final Reactor reactor;
    private final ServerSocket socket;
    private final ListenAddress address;

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
        for (int i = 0; i < BATCH; i++) {
            StreamSocket accepted = socket.accept();
            if (accepted == null) {
                return;
            }
            transport.deal(accepted, address);
        }
    }

    void close() {
        socket.unwatch();
        socket.close();
    }
}
