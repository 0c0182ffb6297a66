package dev.karst.stream;

import dev.karst.base.StorageException;
import dev.karst.env.ServerSocket;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What happens when a reactor is stuck, since a module blocks its thread: its connections are shut, so that their peers come back,
 * and what it listens on another reactor accepts from until it answers again.
 *
 * @param <P> what the owner calls a place where it listens
 */
public final class StandIns<P> implements Reactors.Watcher {
    /** Whose connections and listeners they are. */
    public interface Owner<P> {
        /** Shuts the connections of a reactor; gives how many. Any thread. */
        int shut(Reactor reactor);

        /** The listeners, which change only while somebody is synchronized on the owner. */
        List<Listener<P>> listeners();

        /** Runs work that may block. */
        void background(Runnable task);
    }

    private final Owner<P> owner;
    private final Reactors reactors;
    private final Logger log;
    /** By the listener that they stand in for. Guarded by the owner. */
    private final Map<Listener<P>, Listener<P>> all = new HashMap<>();

    public StandIns(Owner<P> owner, Reactors reactors, Logger log) {
        this.owner = owner;
        this.reactors = reactors;
        this.log = log;
    }

    @Override
    public void blocked(Reactor reactor) {
        int shut = owner.shut(reactor);
        log.log(Level.WARNING, "reactor {0} is blocked: its {1} connections are shut, for hosts to come back on another",
            reactor.id(), shut);
        owner.background(() -> begin(reactor));
    }

    @Override
    public void answers(Reactor reactor) {
        owner.background(() -> {
            synchronized (owner) {
                List.copyOf(all.keySet()).stream().filter(one -> one.reactor() == reactor).forEach(this::end);
            }
        });
    }

    private void begin(Reactor reactor) {
        synchronized (owner) {
            for (Listener<P> listener : owner.listeners()) {
                Reactor other = reactors.next();
                if (listener.reactor() == reactor && reactor.isBlocked() && !other.isBlocked()) {
                    begin(listener, other);
                }
            }
        }
    }

    private void begin(Listener<P> listener, Reactor reactor) {
        try {
            Listener<P> standIn = listener.on(reactor);
            all.put(listener, standIn);
            reactor.execute(standIn::start);
        } catch (StorageException e) {
            log.log(Level.WARNING, "nobody accepts at {0} until its reactor answers: {1}", listener.place(), e.getMessage());
        }
    }

    /** The listener accepts itself again, or ends. Guarded by the owner. */
    public void end(Listener<P> listener) {
        Listener<P> standIn = all.remove(listener);
        if (standIn != null) {
            close(standIn);
        }
    }

    /** Accepts no more at a listener, nor at what stands in for it; gives the listener's socket, which others may watch. Guarded by the owner. */
    public ServerSocket park(Listener<P> listener) throws StorageException {
        end(listener);
        return reactors.call(listener.reactor(), (Reactor _) -> listener.park());
    }

    /** Closes a listener, and what stands in for it; returns when the address is free again. Guarded by the owner. */
    public void close(Listener<P> listener) {
        end(listener);
        try {
            reactors.call(listener.reactor(), (Reactor reactor) -> {
                listener.close();
                return null;
            });
        } catch (StorageException e) {
            log.log(Level.WARNING, listener.place() + " is not closed yet: " + e.getMessage());
        }
    }
}
