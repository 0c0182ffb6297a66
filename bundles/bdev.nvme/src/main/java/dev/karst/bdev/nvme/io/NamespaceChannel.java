package dev.karst.bdev.nvme.io;

import dev.karst.base.Pool;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.List;

/**
 * One reactor's way to a namespace, over however many paths. A command whose path fails goes another way at once, or waits here as
 * long as a path may come; it is looked after every millisecond then, and whenever another one ends.
 */
@ReactorConfined
public final class NamespaceChannel extends ModuleChannel {
    /** Most commands at a time; the block layer queues the others. */
    static final int DEPTH = 256;
    /** Memory that a command may need for itself: a range of DSM or of Copy. */
    static final int SCRATCH_BYTES = 64;

    private static final long LOOK_AGAIN_NANOS = 1_000_000;

    private final NamespaceBdev bdev;
    private final Reactor reactor;
    private final CommandForm form;
    private final PathSelector selector;
    private final Pool<NvmeOp> pool;
    private final WaitingOps waiting = new WaitingOps();
    private Multipath multipath;
    private long nextScratch;
    private final Timer again = new Timer() {
        @Override
        public void expired() {
            sendWaiting();
        }
    };

    NamespaceChannel(NamespaceBdev bdev, Reactor reactor, long scratch) {
        this.bdev = bdev;
        this.reactor = reactor;
        form = new CommandForm(bdev.geometry(), bdev.zeroesBlocks());
        selector = new PathSelector(reactor);
        nextScratch = scratch;
        pool = new Pool<>(DEPTH, this::newOp);
        follow();
    }

    private NvmeOp newOp() {
        long scratch = nextScratch;
        nextScratch += SCRATCH_BYTES;
        return new NvmeOp(this, scratch);
    }

    Reactor reactor() {
        return reactor;
    }

    /** Its paths, as they are now. On the reactor. */
    public List<IoPath> paths() {
        follow();
        return selector.paths();
    }

    /** The one that I/O goes over at the moment; null for none. On the reactor. */
    public IoPath current() {
        return selector.current();
    }

    private void follow() {
        multipath = bdev.multipath();
        selector.follow(multipath);
    }

    @Override
    public int submit(BdevIo io) {
        if (io.type == IoType.RESET) {
            bdev.reset(status -> reactor.execute(() -> io.complete(status)));
            return Status.OK;
        }
        NvmeOp op = pool.take();
        if (op == null) {
            return Status.NO_RESOURCE;
        }
        if (io.type == IoType.COMPARE_AND_WRITE && !pair(op)) {
            pool.give(op);
            return Status.NO_RESOURCE;
        }
        op.begin(io, reactor.nowNanos());
        int status = send(op);
        if (status == Status.NOT_CONNECTED && selector.mayCome(reactor.nowNanos())) {
            await(op);
            status = Status.OK;
        }
        if (status == Status.OK) {
            io.moduleState = op;
        } else {
            free(op);
        }
        return status;
    }

    private boolean pair(NvmeOp op) {
        NvmeOp second = pool.take();
        op.second = second;
        if (second != null) {
            second.first = op;
        }
        return second != null;
    }

    private void free(NvmeOp op) {
        NvmeOp second = op.second;
        if (second != null) {
            op.second = null;
            second.first = null;
            pool.give(second);
        }
        op.io = null;
        op.path = null;
        pool.give(op);
    }

    /**
     * Sends the command over the path whose turn it is, or the next that takes it.
     *
     * @return {@link Status#OK} when it is under way; {@link Status#NO_RESOURCE} when the path has no room; {@link
     *     Status#NOT_CONNECTED} when none is usable; or why it cannot be sent at all
     */
    private int send(NvmeOp op) {
        follow();
        int status = Status.NOT_CONNECTED;
        for (int tries = selector.count(); tries > 0 && status == Status.NOT_CONNECTED; tries--) {
            IoPath path = selector.choose();
            if (path == null) {
                return status;
            }
            op.path = path;
            status = sendOver(op, path);
        }
        return status;
    }

    private int sendOver(NvmeOp op, IoPath path) {
        if (op.io.type == IoType.NVME_ADMIN) {
            return sendAdmin(op, path);
        }
        NvmeQueuePair queue = path.queue();
        int nsid = path.path().nsid();
        if (op.second != null) {
            op.over = false;
            op.second.over = false;
            form.writeFused(op, nsid);
            return queue.submitFused(op, op.second);
        }
        int status = form.write(op, nsid, Long.MAX_VALUE);
        if (status == Status.OK) {
            status = queue.submit(op);
            if (status == Status.INVALID && op.io.type.hasData()) {
                status = sendPart(op, queue, nsid);
            }
        }
        return status;
    }

    /** What the device wants in more than one command goes one after the other. */
    private int sendPart(NvmeOp op, NvmeQueuePair queue, int nsid) {
        long blocks = queue.fits(op.data) / form.blockSize();
        if (blocks == 0 || blocks >= op.piece) {
            return Status.INVALID;
        }
        form.write(op, nsid, blocks);
        return queue.submit(op);
    }

    private int sendAdmin(NvmeOp op, IoPath path) {
        NvmeController controller = path.path().controller().controller();
        if (controller == null || controller.state() != NvmeController.State.READY) {
            return Status.NOT_CONNECTED;
        }
        form.write(op, 0, Long.MAX_VALUE);
        op.admin = true;
        controller.submitAdmin(op);
        return Status.OK;
    }

    /** A command ended; here, never inside a submission. */
    void ended(NvmeOp op, int status) {
        if (op.first != null || op.second != null) {
            pairEnded(op, status);
        } else if (status == NvmeStatus.SUCCESSFUL_COMPLETION) {
            done(op);
        } else {
            failed(op, status);
        }
        if (!waiting.isEmpty()) {
            sendWaiting();
        }
    }

    /** One of a fused pair ended; the I/O does with the other. What the first says counts, unless it went well. */
    private void pairEnded(NvmeOp op, int status) {
        NvmeOp first = op.first == null ? op : op.first;
        NvmeOp other = op == first ? op.second : first;
        op.outcome = status;
        op.over = true;
        if (!other.over) {
            return;
        }
        int combined = first.outcome == NvmeStatus.SUCCESSFUL_COMPLETION ? first.second.outcome : first.outcome;
        if (combined == NvmeStatus.SUCCESSFUL_COMPLETION) {
            done(first);
        } else {
            failed(first, combined);
        }
    }

    private void done(NvmeOp op) {
        BdevIo io = op.io;
        op.done += op.piece;
        if (io.type.hasRange() && io.type != IoType.FLUSH && op.done < io.blocks) {
            sendOrAwait(op);
            return;
        }
        op.path.counters().count(io.type, io.blocks, reactor.nowNanos() - op.startNanos);
        io.result = op.result;
        finish(op, Status.OK);
    }

    private void failed(NvmeOp op, int status) {
        boolean ofPath = Outcomes.isOfPath(status);
        if (Outcomes.isOfAccess(status)) {
            bdev.accessChanged(op.path.path(), status);
        } else {
            bdev.failed(status);
        }
        if (op.aborted) {
            finish(op, Status.ABORTED);
        } else if (ofPath && isRepeatable(op.io.type, status)) {
            sendOrAwait(op);
        } else if (!ofPath && Outcomes.isWorthRepeating(status) && mayRetry(op)) {
            op.retries++;
            sendOrAwait(op);
        } else {
            op.io.result = op.result;
            finish(op, Outcomes.status(status));
        }
    }

    /** Whether it does no harm to do it once more; for a command that was refused it never does. */
    private static boolean isRepeatable(IoType type, int status) {
        return Outcomes.isOfAccess(status) || type != IoType.COMPARE_AND_WRITE && !type.isPassthrough();
    }

    private boolean mayRetry(NvmeOp op) {
        boolean plain = op.io.type != IoType.COMPARE_AND_WRITE && !op.io.type.isPassthrough();
        return plain && (multipath.retries() < 0 || op.retries < multipath.retries());
    }

    private void sendOrAwait(NvmeOp op) {
        int status = send(op);
        boolean kept = status == Status.NO_RESOURCE || status == Status.NOT_CONNECTED && selector.mayCome(reactor.nowNanos());
        if (kept) {
            await(op);
        } else if (status != Status.OK) {
            finish(op, status);
        }
    }

    private void await(NvmeOp op) {
        waiting.append(op);
        if (!again.isScheduled()) {
            reactor.schedule(again, LOOK_AGAIN_NANOS);
        }
    }

    private void sendWaiting() {
        boolean moves = true;
        while (moves && !waiting.isEmpty()) {
            NvmeOp op = waiting.first();
            int status = send(op);
            moves = status != Status.NO_RESOURCE && (status != Status.NOT_CONNECTED || !selector.mayCome(reactor.nowNanos()));
            if (moves) {
                waiting.remove(op);
                if (status != Status.OK) {
                    finish(op, status);
                }
            }
        }
        if (waiting.isEmpty()) {
            reactor.cancel(again);
        } else if (!again.isScheduled()) {
            reactor.schedule(again, LOOK_AGAIN_NANOS);
        }
    }

    /** The command is free first: whoever hears of the end may submit again at once. */
    private void finish(NvmeOp op, int status) {
        BdevIo io = op.io;
        io.moduleState = null;
        free(op);
        io.complete(status);
    }

    @Override
    public void abort(BdevIo io) {
        if (!(io.moduleState instanceof NvmeOp op)) {
            return;
        }
        op.aborted = true;
        if (op.waits) {
            waiting.remove(op);
            finish(op, Status.ABORTED);
            return;
        }
        abortSent(op);
        if (op.second != null) {
            abortSent(op.second);
        }
    }

    /** An admin command is left alone: its queue is another reactor's. */
    private static void abortSent(NvmeOp op) {
        NvmeQueuePair queue = op.queue();
        if (queue != null && !op.admin) {
            queue.abort(op);
        }
    }

    @Override
    public void close() {
        assert pool.free() == DEPTH : "closed with I/O in flight";
        reactor.cancel(again);
        bdev.closed(this);
    }
}
