package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Pool;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.QueuedChannel;
import dev.karst.bdev.lvol.base.Outside;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;
import java.util.ArrayDeque;

/**
 * The way of one reactor into one volume. I/O on clusters that are there goes to the base with the same memory, without a message and
 * without a lock. While the pool changes the volume's map, no I/O is taken, and the block layer keeps what comes.
 */
@ReactorConfined
final class LvolChannel extends ModuleChannel {
    /** Most I/Os at a time; the block layer queues the others. */
    static final int DEPTH = 256;

    final LvolBdev bdev;
    final Contents contents;
    final QueuedChannel base;
    final long clusterBlocks;
    /** Binary logarithm of {@link #clusterBlocks}; -1 if that is no power of two. */
    private final int clusterShift;
    private final Reactor reactor;
    private final Pool<LvolIo> pool = new Pool<>(DEPTH, () -> new LvolIo(this));
    private boolean paused;
    private boolean leaving;
    private boolean gone;
    /** The device outside that it stands on, and the way into it; null for none. */
    private Outside outside;
    private QueuedChannel outsideChannel;
    /** To be told when nothing is in flight; null for nobody. */
    private Runnable whenQuiet;
    /** To be told when no I/O is left; null for nobody. */
    private Runnable whenEmpty;
    /** I/Os that are not waited for: they wait for the pool themselves. */
    private int excluded;
    /** Those of them that the pool has answered while the channel was paused. */
    private final ArrayDeque<LvolIo> held = new ArrayDeque<>();

    LvolChannel(LvolBdev bdev, Reactor reactor, QueuedChannel base) {
        this.bdev = bdev;
        this.reactor = reactor;
        this.base = base;
        contents = bdev.contents();
        clusterBlocks = bdev.ground().clusterBlocks();
        clusterShift = Long.bitCount(clusterBlocks) == 1 ? Long.numberOfTrailingZeros(clusterBlocks) : -1;
    }

    Reactor reactor() {
        return reactor;
    }

    /** It is made while the volume is paused. */
    void beginPaused() {
        paused = true;
    }

    /** The cluster in which a block lies. */
    int clusterAt(long block) {
        return (int) (clusterShift >= 0 ? block >>> clusterShift : block / clusterBlocks);
    }

    /** Where a block is on the base, if its cluster is that one there. */
    long translate(long block, int onBase) {
        return clusterShift >= 0 ? ((long) onBase << clusterShift) + (block & clusterBlocks - 1)
            : onBase * clusterBlocks + block % clusterBlocks;
    }

    @Override
    public int submit(BdevIo io) {
        if (paused || leaving) {
            return Status.NO_RESOURCE;
        }
        if (isDoneNow(io)) {
            return Status.OK;
        }
        LvolIo child = pool.take();
        if (child == null) {
            return Status.NO_RESOURCE;
        }
        child.begin(io);
        return Status.OK;
    }

    /** Whether it lies in a cluster that is there, and the base has done it in this call. */
    private boolean isDoneNow(BdevIo io) {
        boolean writes = io.type == IoType.WRITE;
        if (!writes && io.type != IoType.READ) {
            return false;
        }
        int index = clusterAt(io.offsetBlocks);
        int found = writes ? contents.own(index) : contents.find(index);
        if (found <= 0) {
            return false;
        }
        // It gets no view: the cluster may be another volume's before that is let go.
        boolean views = io.takesView;
        if (views) {
            io.takesView = false;
        }
        try {
            return base.doNow(io, translate(io.offsetBlocks, found));
        } finally {
            if (views) {
                io.takesView = true;
            }
        }
    }

    @Override
    public void abort(BdevIo io) {
        if (io.moduleState instanceof LvolIo child) {
            child.abort();
        }
    }

    void free(LvolIo child) {
        pool.give(child);
        tellQuiet();
    }

    private void tellQuiet() {
        if (whenQuiet != null && pool.free() + excluded == DEPTH) {
            Runnable told = whenQuiet;
            whenQuiet = null;
            told.run();
        }
        if (whenEmpty != null && pool.free() == DEPTH) {
            Runnable told = whenEmpty;
            whenEmpty = null;
            told.run();
        }
    }

    /**
     * Takes no I/O any more. What is in flight comes to its end, pauses or not, and {@code empty} is run then: what asks the pool for
     * something cannot be taken over by another version.
     */
    void leave(Runnable empty) {
        leaving = true;
        whenEmpty = empty;
        tellQuiet();
    }

    /** It is made when the others have left. */
    void beginLeft() {
        leaving = true;
    }

    void pause(Runnable quiet) {
        paused = true;
        whenQuiet = quiet;
        tellQuiet();
    }

    void resume() {
        paused = false;
        while (!paused && !held.isEmpty()) {
            excluded--;
            held.poll().answered();
        }
    }

    /** The I/O asks the pool for something that pauses the channel. */
    void exclude() {
        excluded++;
        tellQuiet();
    }

    /** The pool has answered it. */
    void include(LvolIo child) {
        if (paused) {
            held.add(child);
        } else {
            excluded--;
            child.answered();
        }
    }

    /** Gives back what it stands on. It is empty and takes nothing, or closes. */
    void letGo() {
        if (!gone) {
            gone = true;
            base.close();
            leaveOutside();
        }
    }

    /** Takes the device outside that the volume stands on now. It is paused, or new. */
    void standOnOutside() {
        Outside now = bdev.outside();
        if (now == outside || gone) {
            return;
        }
        leaveOutside();
        outsideChannel = now == null ? null : now.enter(reactor);
        outside = outsideChannel == null ? null : now;
    }

    private void leaveOutside() {
        if (outside != null) {
            outside.leave(outsideChannel);
            outside = null;
            outsideChannel = null;
        }
    }

    /** The device outside; null when it cannot be read. */
    Outside outside() {
        return outside;
    }

    QueuedChannel outsideChannel() {
        return outsideChannel;
    }

    @Override
    public void close() {
        assert pool.free() == DEPTH : "closed with I/O in flight";
        letGo();
        bdev.closed(this);
    }
}
