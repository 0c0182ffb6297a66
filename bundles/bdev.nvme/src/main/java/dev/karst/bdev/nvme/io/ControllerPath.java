package dev.karst.bdev.nvme.io;

import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.reactor.Reactor;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A controller as reactors see it: its queue pairs, and whether waiting for it makes sense. Control threads write, reactors read. */
public final class ControllerPath {
    private static final long NEVER = Long.MAX_VALUE;

    /** By reactor. */
    private final AtomicReferenceArray<NvmeQueuePair> queues;
    private volatile NvmeController controller;
    /** When I/O that finds no path is failed rather than kept, on the environment's clock. */
    private volatile long failsAtNanos = NEVER;

    /** Whether the controller has no queue pair for those reactors that have none. */
    private volatile boolean exhausted;

    /** One without a controller, for so many reactors. */
    public ControllerPath(int reactors) {
        queues = new AtomicReferenceArray<>(reactors);
    }

    /** For how many reactors it is. */
    public int reactors() {
        return queues.length();
    }

    /** The controller; null while none is attached. */
    public NvmeController controller() {
        return controller;
    }

    /** There is one now, or, with null, none any more. */
    public void controller(NvmeController controller) {
        this.controller = controller;
    }

    /** The queue pair of that reactor; null for none. */
    public NvmeQueuePair queue(Reactor reactor) {
        return queues.get(reactor.id());
    }

    /** Whether that reactor's queue pair takes requests. On the reactor. */
    public boolean isConnected(Reactor reactor) {
        NvmeQueuePair queue = queue(reactor);
        return queue != null && queue.isConnected();
    }

    /** Gives the reactor a queue pair, or takes it away with null; what was there. */
    public NvmeQueuePair queue(int reactor, NvmeQueuePair queue) {
        return queues.getAndSet(reactor, queue);
    }

    /** Whether the controller has fewer queue pairs than there are reactors. */
    public void exhausted(boolean exhausted) {
        this.exhausted = exhausted;
    }

    /** It is there again: I/O that waits for it is kept. */
    public void keeps() {
        failsAtNanos = NEVER;
    }

    /** I/O that waits for it is kept until then. */
    public void failsAt(long nanos) {
        failsAtNanos = nanos;
    }

    /** Whether I/O of that reactor is kept for it. */
    public boolean mayCome(Reactor reactor, long nowNanos) {
        return nowNanos < failsAtNanos && !(exhausted && queue(reactor) == null);
    }
}
