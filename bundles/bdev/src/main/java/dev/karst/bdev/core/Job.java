package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.bounce.BounceBuffers;
import dev.karst.bdev.core.bounce.JobMemory;
import dev.karst.bdev.core.lock.RangeLock;
import dev.karst.bdev.core.shape.IoLimits;

/**
 * One I/O that is done in a buffer of the block layer, because the module does not do its type, cannot use its memory,
 * or does not know of the blocks' metadata what must be known: as much of it at a time as the buffer holds is read,
 * looked at or changed, and written. A COMPARE_AND_WRITE locks its range first, and is one buffer long at the most. What is taken is
 * taken in this order: the lock, the buffer, room in the module; so none waits for another in a circle.
 */
@ReactorConfined
final class Job extends Workers.Worker {
    /** Steps taken at a time, before the reactor turns to something else. */
    private static final int BURST = 32;

    /** How many are done at a time. */
    static final int MOST = 64;

    private enum Phase {
        /** Free, or waiting until its lock is out of use. */
        NONE,
        LOCKING,
        BUFFERING,
        READING,
        WRITING
    }

    /** What the module is given. */
    private final class Inner extends BdevIo {
        Inner() {
            super(1);
        }

        @Override
        protected void ended(int outcome) {
            if (outcome != Status.OK) {
                fail(outcome);
            }
            go();
        }
    }

    private final class Lock extends RangeLock {
        Lock() {
            super(lane.bdev.locks, lane.reactor);
        }

        @Override
        protected void granted() {
            takeBuffer();
        }

        @Override
        protected void gone() {
            lane.jobs.give(Job.this);
        }
    }

    private final class Taker extends BounceBuffers.Taker {
        @Override
        protected void given(long address) {
            beginWith(address);
        }
    }

    private final Lane lane;
    private final BounceBuffers buffers;
    private final Inner inner = new Inner();
    private final Taker taker = new Taker();
    /** Made when first needed. */
    private Lock lock;
    private Phase phase = Phase.NONE;
    private BdevIo whole;
    /** 0 while it has none. */
    private long buffer;
    private final JobMemory memory = new JobMemory();
    /** Blocks that the buffer holds. */
    private long room;
    /** The blocks that are in the buffer, or will be: the first of them, how many, how many were handed on. */
    private long first;
    private long count;
    private long handed;
    private int status;
    private boolean going;
    private boolean sent;

    Job(Lane lane) {
        this.lane = lane;
        this.buffers = lane.turn.buffers;
    }

    @Override
    BdevIo whole() {
        return whole;
    }

    @Override
    void begin(BdevIo io) {
        LaneChannel.note(io, LaneChannel.JOB);
        whole = io;
        status = Status.OK;
        if (io.type == IoType.COMPARE_AND_WRITE) {
            phase = Phase.LOCKING;
            if (lock == null) {
                lock = new Lock();
            }
            lock.acquire(io.offsetBlocks, io.blocks);
        } else {
            takeBuffer();
        }
    }

    private void takeBuffer() {
        phase = Phase.BUFFERING;
        long bytes = Math.min(whole.blocks * lane.limits().bufferBytes(), BounceBuffers.LARGE_BYTES);
        long address = buffers.take(taker, bytes);
        if (address != 0) {
            beginWith(address);
        }
    }

    /** Others may have locked the range while it waited for the buffer. */
    private void beginWith(long address) {
        buffer = address;
        if (!locks() && lane.locks.cover(whole)) {
            BdevIo back = whole;
            free();
            lane.locks.await(back);
            return;
        }
        IoLimits limits = lane.limits();
        long most = BounceBuffers.LARGE_BYTES / limits.bufferBytes();
        room = Math.min(whole.blocks, limits.whole(writes() ? IoType.WRITE : IoType.READ, most));
        boolean hidden = lane.isHidden(whole);
        memory.begin(limits, whole, buffer, buffer + room * limits.blockSize(), hidden);
        first = 0;
        nextBuffer();
        go();
    }

    private boolean locks() {
        return whole.type == IoType.COMPARE_AND_WRITE;
    }

    private boolean reads() {
        return whole.type != IoType.WRITE && whole.type != IoType.WRITE_ZEROES;
    }

    private boolean writes() {
        return whole.type.writes();
    }

    private boolean isUnderWay() {
        return phase == Phase.READING || phase == Phase.WRITING;
    }

    @Override
    boolean isBusy(RangeLock other) {
        return isUnderWay() && !locks() && LaneLocks.overlap(other, whole);
    }

    private void nextBuffer() {
        count = Math.min(room, whole.blocks - first);
        handed = 0;
        phase = reads() ? Phase.READING : Phase.WRITING;
        if (count > 0 && phase == Phase.WRITING) {
            fail(filled());
        }
    }

    /** As {@link JobMemory#fill}; fails when the submitter's memory lies in a file that another process has made shorter. */
    private int filled() {
        try {
            return memory.fill(first, count);
        } catch (InternalError e) {
            return Status.FAILED;
        }
    }

    /** As {@link JobMemory#wasRead}, likewise. */
    private int read() {
        try {
            return memory.wasRead(first, count);
        } catch (InternalError e) {
            return Status.FAILED;
        }
    }

    /** The next burst of steps. */
    @Override
    public void run() {
        sent = false;
        go();
    }

    private void go() {
        if (going) {
            return;
        }
        going = true;
        for (int burst = BURST; burst > 0 && mayStep(); burst--) {
            step();
        }
        going = false;
        if (mayStep()) {
            if (!sent) {
                sent = true;
                lane.reactor.send(this);
            }
        } else if (isUnderWay() && !inner.isInFlight()) {
            end(status);
        }
    }

    private boolean mayStep() {
        return isUnderWay() && !inner.isInFlight() && status == Status.OK && count > 0;
    }

    private void step() {
        if (handed < count) {
            hand();
        } else if (phase == Phase.READING) {
            fail(read());
            if (writes()) {
                handed = 0;
                phase = Phase.WRITING;
            } else {
                advance();
            }
        } else {
            advance();
        }
    }

    private void advance() {
        first += count;
        nextBuffer();
    }

    private void hand() {
        IoLimits limits = lane.limits();
        boolean fromSource = phase == Phase.READING && whole.type == IoType.COPY;
        inner.type = phase == Phase.READING ? IoType.READ : IoType.WRITE;
        inner.offsetBlocks = (fromSource ? whole.sourceBlock : whole.offsetBlocks) + first + handed;
        inner.blocks = limits.piece(inner.type, inner.offsetBlocks, count - handed);
        inner.data.set(buffer + handed * limits.blockSize(), (int) (inner.blocks * limits.blockSize()));
        inner.metadata = memory.metadata(handed);
        inner.uncheckedProtection = whole.uncheckedProtection;
        inner.applicationTag = whole.applicationTag;
        inner.applicationTagMask = whole.applicationTagMask;
        handed += inner.blocks;
        lane.inner.submit(inner);
    }

    private void fail(int outcome) {
        if (status == Status.OK) {
            status = outcome;
        }
    }

    @Override
    void abort() {
        fail(Status.ABORTED);
        if (!isUnderWay()) {
            end(status);
            return;
        }
        if (inner.isInFlight()) {
            going = true;
            lane.abort(inner);
            going = false;
        }
        go();
    }

    @Override
    void failWaiting(int status) {
        if (phase == Phase.LOCKING || phase == Phase.BUFFERING) {
            end(status);
        }
    }

    private void end(int outcome) {
        BdevIo ended = whole;
        free();
        lane.end(ended, outcome);
    }

    /** Gives back all that it holds. */
    private void free() {
        if (buffer != 0) {
            buffers.give(buffer);
        } else if (taker.isWaiting()) {
            buffers.cancel(taker);
        }
        boolean locked = locks();
        buffer = 0;
        whole = null;
        phase = Phase.NONE;
        if (locked) {
            lock.release();
        } else {
            lane.jobs.give(this);
        }
    }
}
