package dev.karst.nvme.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvme.ControllerData;
import dev.karst.nvme.core.link.Link;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** The I/O queues of one controller. Control tasks. */
final class IoQueues {
    private static final Logger LOG = System.getLogger(IoQueues.class.getName());

    private final Link link;
    private final AdminPath admin;
    private final Reactors reactors;
    private final TransportQueue.Owner owner;
    private final int limitMs;
    private final Runnable hopeless;
    /** Each with its watch, or null when requests may take for ever. */
    private final Map<TransportQueue, QueueWatch> queues = new LinkedHashMap<>();
    private final BitSet qids = new BitSet();

    /**
     * @param limitMs how long a request may take; 0 for ever
     * @param hopeless what is done when one takes longer and cannot be aborted
     */
    IoQueues(Link link, AdminPath admin, Reactors reactors, TransportQueue.Owner owner, int limitMs, Runnable hopeless) {
        this.link = link;
        this.admin = admin;
        this.reactors = reactors;
        this.owner = owner;
        this.limitMs = limitMs;
        this.hopeless = hopeless;
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
        QueueWatch watch = limitMs == 0 ? null : new QueueWatch(queue, limitMs, hopeless);
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
        QueueWatch watch = queues.get(queue);
        reactors.call(queue.reactor(), reactor -> {
            queue.connected(false);
            if (watch != null) {
                watch.stop();
            }
            return null;
        });
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

    /** Gives all back; the controller is stopped, and they are cut. */
    void release() throws StorageException {
        for (Map.Entry<TransportQueue, QueueWatch> each : queues.entrySet()) {
            if (each.getValue() != null) {
                reactors.call(each.getKey().reactor(), reactor -> {
                    each.getValue().stop();
                    return null;
                });
            }
            each.getKey().release();
        }
        queues.clear();
    }
}
