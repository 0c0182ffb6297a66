package dev.karst.vhost.session;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.UnixSockets;
import dev.karst.spec.vhostuser.InflightArea;
import dev.karst.vhost.ring.Ring;
import dev.karst.vhost.session.SharedRegion.Wanted;

/** The memory where requests in flight are kept: the front-end holds it while this process is gone. No queue runs while it changes. */
final class InflightMemory {
    private static final int LINE = 64;

    private final UnixSockets sockets;
    private final boolean anyFile;
    private SharedRegion region;
    private int queues;
    private int queueSize;

    InflightMemory(UnixSockets sockets, boolean anyFile) {
        this.sockets = sockets;
        this.anyFile = anyFile;
    }

    private static long queueBytes(int size) {
        return Ring.inflightBytes(size) + LINE - 1 & -LINE;
    }

    /** Makes such memory as GET_INFLIGHT_FD asks for, and replies with it. */
    static void make(Wire wire, UnixSockets sockets, int mostQueues) throws StorageException {
        int count = InflightArea.NUM_QUEUES.get(wire.payload());
        int size = InflightArea.QUEUE_SIZE.get(wire.payload());
        if (count < 1 || count > mostQueues || size < 1 || size > Ring.MAX_SIZE) {
            throw StorageException.errno(Errno.EINVAL, count + " queues of " + size + " cannot be kept");
        }
        long bytes = count * queueBytes(size);
        Descriptor memory = sockets.createMemory("vhost-inflight", bytes);
        try {
            InflightArea.MMAP_SIZE.set(wire.payload(), bytes);
            InflightArea.MMAP_OFFSET.set(wire.payload(), 0);
            wire.replyPayload(wire.bytes(), memory.number());
        } finally {
            memory.close();
        }
    }

    /** Maps what SET_INFLIGHT_FD brings, for {@link #replace}. */
    SharedRegion map(Wire wire) throws StorageException {
        int count = InflightArea.NUM_QUEUES.get(wire.payload());
        int size = InflightArea.QUEUE_SIZE.get(wire.payload());
        long bytes = InflightArea.MMAP_SIZE.get(wire.payload());
        if (count < 1 || size < 1 || size > Ring.MAX_SIZE || bytes < count * queueBytes(size)) {
            throw StorageException.errno(Errno.EINVAL, bytes + " bytes do not keep " + count + " queues of " + size);
        }
        var wanted = new Wanted(0, bytes, 0, InflightArea.MMAP_OFFSET.get(wire.payload()));
        return SharedRegion.map(wanted, wire.descriptors().getFirst(), anyFile);
    }

    /** This, which came with the message, instead of what there was. */
    void replace(SharedRegion next, Wire wire) {
        close();
        region = next;
        queues = InflightArea.NUM_QUEUES.get(wire.payload());
        queueSize = InflightArea.QUEUE_SIZE.get(wire.payload());
    }

    /** Where a queue's are kept; 0 for nowhere. */
    long address(Vring vring) {
        boolean kept = region != null && vring.index < queues && vring.size <= queueSize;
        return kept ? region.region().address() + vring.index * queueBytes(queueSize) : 0;
    }

    void close() {
        if (region != null) {
            region.unmap(sockets);
            region = null;
        }
    }
}
