package dev.karst.stream;

import dev.karst.base.StorageException;
import dev.karst.env.Readiness;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;

/**
 * A listening socket, watched by one reactor, that deals connections out. Confined to that reactor.
 *
 * @param <P> what the owner calls the place where it listens
 */
public final class Listener<P> extends Readiness {
    /** How many connections are accepted in a window; SPDK's figures. More wait in the kernel. */
    private static final int ACCEPTS_PER_WINDOW = 16;
    private static final long WINDOW_NANOS = 10_000_000;

    /** Who takes the connections. */
    public interface Dealer<P> {
        /** A connection was accepted. On the listener's reactor. */
        void accepted(StreamSocket socket, P place);

        /** There are so many that no more are accepted for a moment. On the listener's reactor. */
        void paused(Reactor reactor);
    }

    private final Reactor reactor;
    private final ServerSocket socket;
    private final P place;
    private final Dealer<P> dealer;
    private final Timer resume = new Timer() {
        @Override
        public void expired() {
            start();
        }
    };
    private boolean isWatching;
    private long windowNanos;
    private int accepted;

    public Listener(Reactor reactor, ServerSocket socket, P place, Dealer<P> dealer) {
        this.reactor = reactor;
        this.socket = socket;
        this.place = place;
        this.dealer = dealer;
    }

    public Reactor reactor() {
        return reactor;
    }

    public P place() {
        return place;
    }

    /** Accepts from now on. */
    public void start() {
        reactor.cancel(resume);
        if (!isWatching) {
            isWatching = true;
            socket.watch(reactor.events(), this);
        }
    }

    /** Accepts from then on, or from {@link #start} on if that is earlier. */
    public void startIn(long nanos) {
        reactor.schedule(resume, nanos);
    }

    private void pause() {
        isWatching = false;
        socket.unwatch();
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
            dealer.accepted(next, place);
        }
        dealer.paused(reactor);
        pause();
        startIn(windowNanos + WINDOW_NANOS - now);
    }

    /** Another one for the same connections, on another reactor. Control threads. */
    public Listener<P> on(Reactor other) throws StorageException {
        return new Listener<>(other, socket.duplicate(), place, dealer);
    }

    /** Accepts no more; gives the socket, which others may watch. */
    public ServerSocket park() {
        reactor.cancel(resume);
        pause();
        return socket;
    }

    public void close() {
        park().close();
    }
}
