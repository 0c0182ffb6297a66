package dev.karst.nvme.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvme.ControllerData;
import dev.karst.nvme.core.link.Link;
import dev.karst.nvme.core.link.Waits;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The I/O queues of one controller. Control tasks. */
final class IoQueues {
    private static final Logger LOG = System.getLogger(IoQueues.class.getName());

    /** How long what is in flight may take to end by itself before its queue is cut. */
    private static final long QUIESCE_MS = 1_000;

    private final Link link;
    private final AdminPath admin;
    private final Reactors reactors;
    private final Waits waits;
    private final TransportQueue.Owner owner;
    private final Patience patience;
    /** Each with its watch, or null when requests may take for ever. */
    private final Map<TransportQueue, QueueWatch> queues = new LinkedHashMap<>();
    private final BitSet qids = new BitSet();

    /**
     * With requests.
     *
     * @param limitMs how long one may take; 0 for ever
     * @param hopeless what is done when one takes longer and cannot be aborted
     */
    record Patience(int limitMs, Runnable hopeless) {}

    IoQueues(Link link, AdminPath admin, Reactors reactors, Waits waits, TransportQueue.Owner owner, Patience patience) {
        this.link = link;
        this.admin = admin;
        this.reactors = reactors;
        this.waits = waits;
        this.owner = owner;
        this.patience = patience;
        qids.set(0);
    }

    /** A new one that is connected. */
    TransportQueue open(Reactor reactor, ControllerData.Limits limits, int inCapsuleBytes) throws StorageException {
        int qid = qids.nextClearBit(0);
        if (qid > limits.queuePairs()) {
            throw StorageException.errno(
                Errno.ENOSPC, "all " + limits.queuePairs() + " queue pairs of the controller are open; close one");
        }
        TransportQueue queue = link.ioQueue(reactor, qid, limits.queueEntries() - 1, owner);
        boolean open = false;
        try {
            link.connectIo(queue, admin.queue(), inCapsuleBytes);
            open = true;
        } finally {
            if (!open) {
                cut(queue);
                queue.release();
            }
        }
        qids.set(qid);
        QueueWatch watch = patience.limitMs == 0 ? null : new QueueWatch(queue, patience.limitMs, patience.hopeless);
        queues.put(queue, watch);
        if (watch != null) {
            reactor.execute(watch::start);
        }
        return queue;
    }

    /** Connects all anew. */
    void connect(int inCapsuleBytes) throws StorageException {
        for (TransportQueue queue : queues.keySet()) {
            link.connectIo(queue, admin.queue(), inCapsuleBytes);
        }
    }

    /** From when this returns nothing is in flight. The controller is stopped, or the connections end here. */
    void cut() throws StorageException {
        for (TransportQueue queue : queues.keySet()) {
            cut(queue);
        }
    }

    private void cut(TransportQueue queue) throws StorageException {
        reactors.call(queue.reactor(), reactor -> {
            queue.cut();
            return null;
        });
    }

    /**
     * Closes one; nothing happens when it is closed.
     *
     * @param ready whether the controller takes commands
     * @param broken what is done when the controller does not let go of it: afterwards it does
     */
    void close(TransportQueue queue, boolean ready, Runnable broken) throws StorageException {
        if (!queues.containsKey(queue)) {
            return;
        }
        if (ready) {
            quiesce(List.of(queue));
        }
        stopWatch(queue, queues.get(queue));
        if (ready) {
            try {
                link.disconnectIo(queue, admin.queue());
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "queue {0} cannot be deleted, so the controller is reset: {1}", queue.id(), e.getMessage());
                broken.run();
            }
        }
        queues.remove(queue);
        qids.clear(queue.id());
        cut(queue);
        queue.release();
    }

    /** Takes no more requests and lets those in flight end, for a while. The controller takes commands. */
    void quiesce() throws StorageException {
        quiesce(queues.keySet());
    }

    /** What is cut off may still be done, and then after what is sent another way: so it should end by itself. */
    private void quiesce(Collection<TransportQueue> these) throws StorageException {
        for (TransportQueue queue : these) {
            reactors.call(queue.reactor(), reactor -> {
                queue.connected(false);
                return null;
            });
        }
        try {
            waits.until(() -> areIdle(these), QUIESCE_MS, "what is in flight");
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "requests are cut off: {0}", e.getMessage());
        }
    }

    private boolean areIdle(Collection<TransportQueue> these) throws StorageException {
        for (TransportQueue queue : these) {
            if (reactors.call(queue.reactor(), reactor -> queue.inFlight()) > 0) {
                return false;
            }
        }
        return true;
    }

    /** Gives all back; the controller is stopped, and they are cut. */
    void release() throws StorageException {
        for (Map.Entry<TransportQueue, QueueWatch> each : queues.entrySet()) {
            stopWatch(each.getKey(), each.getValue());
            each.getKey().release();
        }
        queues.clear();
    }

    private void stopWatch(TransportQueue queue, QueueWatch watch) throws StorageException {
        if (watch != null) {
            reactors.call(queue.reactor(), reactor -> {
                watch.stop();
                return null;
            });
        }
    }
}
