package dev.karst.stream;

import dev.karst.base.ReactorConfined;
import dev.karst.env.StreamSocket;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The connections of a server on one reactor, from their beginning to their end: the round in which they are read and flushed, and a look
 * from time to time whether they go on.
 *
 * @param <C> a connection
 */
@ReactorConfined
public final class Connections<C extends Connections.Member> {
    /** A connection. */
    public interface Member {
        /** Its place in the round. */
        Turn turn();

        StreamSocket socket();

        /** Ends it if it has made no progress for too long. */
        void checkTime(long nowNanos);
    }

    private final Reactor reactor;
    private final long checkNanos;
    private final Round round = new Round();
    private final Bag<C> all = new Bag<>();
    /** Of all connections, for whoever shuts them when the reactor is stuck. */
    private final Set<StreamSocket> sockets = ConcurrentHashMap.newKeySet();
    private Runnable whenEmpty;

    private final Timer check = new Timer() {
        @Override
        public void expired() {
            endEach(connection -> connection.checkTime(reactor.nowNanos()));
            if (size() > 0) {
                reactor.schedule(this, checkNanos);
            }
        }
    };

    /** None yet; each will be looked at every {@code checkNanos}. */
    public Connections(Reactor reactor, long checkNanos) {
        this.reactor = reactor;
        this.checkNanos = checkNanos;
    }

    /** Serves from now on. */
    public void start() {
        reactor.add(round);
    }

    public Round round() {
        return round;
    }

    public int size() {
        return all.size();
    }

    public C get(int index) {
        return all.get(index);
    }

    /** Ends all for their peers, which come back elsewhere. Any thread; the reactor closes them when it can. Gives how many. */
    public int shut() {
        List<StreamSocket> open = List.copyOf(sockets);
        open.forEach(StreamSocket::shutdown);
        return open.size();
    }

    /** A connection begins. */
    public void add(C connection) {
        all.add(connection);
        sockets.add(connection.socket());
        if (all.size() == 1) {
            reactor.schedule(check, checkNanos);
        }
    }

    /** A connection has ended, and nothing of it is in use. */
    public void remove(C connection) {
        all.remove(connection);
        sockets.remove(connection.socket());
        round.remove(connection.turn());
        if (all.size() == 0) {
            reactor.cancel(check);
            if (whenEmpty != null) {
                whenEmpty.run();
            }
        }
    }

    /** Ends all by {@code end}; {@code whenClosed} runs when the last has gone. */
    public void close(Consumer<C> end, Runnable whenClosed) {
        whenEmpty = () -> {
            whenEmpty = null;
            reactor.remove(round);
            whenClosed.run();
        };
        if (all.size() == 0) {
            whenEmpty.run();
        } else {
            endEach(end);
        }
    }

    /** Does something to each that may end it, and others too. */
    private void endEach(Consumer<C> action) {
        for (int i = all.size() - 1; i >= 0; i--) {
            if (i < all.size()) {
                action.accept(all.get(i));
            }
        }
    }
}
