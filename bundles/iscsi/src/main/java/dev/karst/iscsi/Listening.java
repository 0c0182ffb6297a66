package dev.karst.iscsi;

import dev.karst.base.StorageException;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.iscsi.model.Portal;
import dev.karst.iscsi.model.PortalGroup;
import dev.karst.iscsi.session.Group;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcError;
import dev.karst.stream.Listener;
import dev.karst.stream.StandIns;
import java.util.ArrayList;
import java.util.List;

/** Listening at the portals of groups, and dealing connections out. Control threads. */
final class Listening implements StandIns.Owner<Listening.Place>, Listener.Dealer<Listening.Place> {
    private static final System.Logger LOG = System.getLogger("dev.karst.iscsi");
    private static final int BACKLOG = 1024;

    private final IscsiTarget target;
    private final HandOver handOver;
    private final StandIns<Place> standIns;
    /** Guarded by this. */
    private final List<Listener<Place>> listeners = new ArrayList<>();

    /** A portal of a group. */
    record Place(int group, Portal portal) {
        @Override
        public String toString() {
            return "portal " + portal;
        }
    }

    Listening(IscsiTarget target, HandOver handOver) {
        this.target = target;
        this.handOver = handOver;
        standIns = new StandIns<>(this, target.reactors(), LOG);
        target.reactors().watch(standIns);
    }

    /** Listens at all portals of a group, or at none. Gives it with the ports that were chosen. */
    synchronized PortalGroup begin(PortalGroup group) throws StorageException {
        List<Portal> actual = new ArrayList<>();
        try {
            for (Portal portal : group.portals()) {
                ServerSocket socket = socket(portal);
                Portal bound = new Portal(portal.host(), socket.port());
                actual.add(bound);
                var listener = new Listener<>(target.reactors().next(), socket, new Place(group.tag(), bound), this);
                listeners.add(listener);
                long waitNanos = handOver.waitNanos();
                listener.reactor().execute(() -> listener.startIn(waitNanos));
            }
        } catch (StorageException e) {
            end(group.tag());
            throw new StorageException(RpcError.INVALID_PARAMS, "Invalid parameters: " + e.getMessage(), e);
        }
        return group.with(actual);
    }

    private ServerSocket socket(Portal portal) throws StorageException {
        ServerSocket kept = handOver.socket(portal);
        return kept != null ? kept : target.environment().network().listen(portal.host(), portal.port(), BACKLOG);
    }

    /** All nodes of the version before are back: who waits at a portal is let in. */
    synchronized void letIn() {
        listeners.forEach(listener -> listener.reactor().execute(listener::start));
    }

    /** Whether somebody listens for the group. */
    synchronized boolean isBegun(int group) {
        return listeners.stream().anyMatch(listener -> listener.place().group == group);
    }

    /** Nobody listens for the group any more. */
    synchronized void end(int group) {
        for (Listener<Place> listener : List.copyOf(listeners)) {
            if (listener.place().group == group) {
                standIns.close(listener);
                listeners.remove(listener);
            }
        }
    }

    /** Nobody is let in any more; who comes waits for the next version. */
    synchronized void close() {
        target.reactors().unwatch(standIns);
        for (Listener<Place> listener : listeners) {
            try {
                handOver.leave(listener.place().portal, standIns.park(listener));
            } catch (StorageException e) {
                LOG.log(System.Logger.Level.WARNING, listener.place() + " is not closed yet: " + e.getMessage());
            }
        }
        listeners.clear();
    }

    /** Gives a connection to the next reactor in turn. */
    @Override
    public void accepted(StreamSocket socket, Place place) {
        Group group = target.group(target.reactors().next().id());
        group.reactor().execute(() -> group.adopt(socket, place.group));
    }

    @Override
    public void paused(Reactor reactor) {
        target.group(reactor.id()).paused();
    }

    @Override
    public int shut(Reactor reactor) {
        return target.group(reactor.id()).shut();
    }

    @Override
    public List<Listener<Place>> listeners() {
        return listeners;
    }

    @Override
    public void background(Runnable task) {
        target.environment().threads().background().execute(task);
    }
}
