package dev.karst.nvme.core;

import dev.karst.base.ReactorConfined;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Timer;

/** Looks whether requests of a queue take too long: the oldest is aborted first, and if that does not help, the controller is reset. */
@ReactorConfined
final class QueueWatch {
    private static final long MS = 1_000_000;
    private static final int LOOKS = 4;

    private final TransportQueue queue;
    private final long limitNanos;
    private final Runnable hopeless;
    private NvmeRequest aborted;
    private int abortedCid;
    private final Timer timer = new Timer() {
        @Override
        public void expired() {
            look();
        }
    };

    /**
     * @param limitMs how long a request may take
     * @param hopeless what is done when an abort did not help
     */
    QueueWatch(TransportQueue queue, int limitMs, Runnable hopeless) {
        this.queue = queue;
        this.limitNanos = limitMs * MS;
        this.hopeless = hopeless;
    }

    void start() {
        queue.reactor().schedule(timer, limitNanos / LOOKS);
    }

    void stop() {
        queue.reactor().cancel(timer);
    }

    private void look() {
        long now = queue.reactor().nowNanos();
        NvmeRequest late = queue.oldestBefore(now - limitNanos);
        if (late != null && late == aborted && late.cid() == abortedCid) {
            if (queue.oldestBefore(now - 2 * limitNanos) != null) {
                hopeless.run();
            }
        } else if (late != null) {
            aborted = late;
            abortedCid = late.cid();
            queue.abort(late);
        }
        start();
    }
}
