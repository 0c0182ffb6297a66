package dev.karst.iscsi;

import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Keepsakes.Keepsake;
import dev.karst.env.ServerSocket;
import dev.karst.iscsi.model.Portal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a target leaves to its next version, in the environment's keeping: its listening sockets, at which initiators wait meanwhile, and
 * the names of its nodes. The next version lets nobody in before it has them all again: whoever asks for a node that is not there is told
 * that there is none, and may give up. Any thread.
 */
final class HandOver {
    /** How long sockets are kept, and nodes are waited for. */
    static final long TIMEOUT_MS = 3_000;

    private static final Logger LOG = System.getLogger(HandOver.class.getName());
    private static final String LISTENER = "iscsi listener ";
    private static final String NODES = "iscsi nodes";
    private static final int VERSION = 1;
    private static final int MAX_NODES = 1 << 20;
    private static final long NANOS_PER_MS = 1_000_000;

    private final Environment environment;
    /** Nodes of the version before that are not back. */
    private final Set<String> missing = ConcurrentHashMap.newKeySet();
    private final long untilNanos;

    /** Takes what the version before has left. */
    HandOver(Environment environment) {
        this.environment = environment;
        untilNanos = environment.clock().nanos() + TIMEOUT_MS * NANOS_PER_MS;
        environment.keepsakes().take(NODES).forEach(this::read);
    }

    private void read(Keepsake nodes) {
        try {
            StateReader reader = new StateReader(nodes.state(), VERSION);
            for (int left = reader.number(0, MAX_NODES); left > 0; left--) {
                missing.add(reader.text());
            }
            reader.end();
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "initiators may log in before all nodes are back: {0}", e.getMessage());
        }
    }

    /** Nanoseconds for which nodes are still waited for; 0 when all are back or the time is over. */
    long waitNanos() {
        return missing.isEmpty() ? 0 : Math.max(0, untilNanos - environment.clock().nanos());
    }

    /** A node is there; gives whether it was the last that was waited for. */
    boolean arrived(String node) {
        return missing.remove(node) && missing.isEmpty();
    }

    /** The socket that listens at a portal since the version before, or null. */
    ServerSocket socket(Portal portal) {
        List<Keepsake> found = environment.keepsakes().take(name(portal));
        return found.isEmpty() ? null : found.getFirst().server();
    }

    private static String name(Portal portal) {
        return LISTENER + portal + " ";
    }

    /** Leaves a socket that nobody watches to the next version. */
    void leave(Portal portal, ServerSocket socket) {
        leave(new Keepsake(name(portal), new byte[0], null, socket));
    }

    /** Leaves the names of the nodes, and of those that are not back yet. */
    void leave(Collection<String> nodes) {
        missing.addAll(nodes);
        StateWriter names = new StateWriter(VERSION).number(missing.size());
        missing.forEach(names::text);
        leave(new Keepsake(NODES, names.end(), null, null));
    }

    private void leave(Keepsake keepsake) {
        try {
            environment.keepsakes().put(keepsake, TIMEOUT_MS);
        } catch (StorageException e) {
            keepsake.close();
            LOG.log(Level.WARNING, "{0} is not left to the next version: {1}", keepsake.name(), e.getMessage());
        }
    }
}
