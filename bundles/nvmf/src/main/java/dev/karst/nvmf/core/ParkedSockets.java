package dev.karst.nvmf.core;

import dev.karst.env.ServerSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Listening sockets of a transport that went, kept for its successor for a moment and then closed. Any thread. */
final class ParkedSockets {
    /** How long hosts that connect may wait for the successor. */
    static final long PARK_TIMEOUT_NANOS = 3_000_000_000L;

    private final Map<ListenAddress, ServerSocket> sockets = new LinkedHashMap<>();

    /** Keeps them; a timer of the reactor ends that. */
    synchronized void park(Map<ListenAddress, ServerSocket> parked, Reactor reactor) {
        sockets.putAll(parked);
        Timer timer = new Timer() {
            @Override
            public void expired() {
                parked.forEach((address, socket) -> closeIfHere(address, socket));
            }
        };
        reactor.execute(() -> reactor.schedule(timer, PARK_TIMEOUT_NANOS));
    }

    private synchronized void closeIfHere(ListenAddress address, ServerSocket socket) {
        if (sockets.remove(address, socket)) {
            socket.close();
        }
    }

    /** The socket of the address, or null when there is none any more. */
    synchronized ServerSocket take(ListenAddress address) {
        return sockets.remove(address);
    }

    synchronized void close(ListenAddress address) {
        ServerSocket socket = sockets.remove(address);
        if (socket != null) {
            socket.close();
        }
    }

    synchronized void closeAll() {
        sockets.values().forEach(ServerSocket::close);
        sockets.clear();
    }
}
