package dev.karst.itests.storm;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.LaneView;
import dev.karst.env.Region;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntPredicate;

/**
 * Random I/O from one reactor on a range of a device, a little at a time, held against a {@link BlockHistory}. Told that the
 * device goes, it ends and closes by itself. What it finds wrong it throws on its reactor.
 */
final class StormLoad extends BdevChannel.Waiter implements BdevEvents {
    static final int DEPTH = 12;
    static final int MOST_BLOCKS = 12;
    private static final int BUFFER = MOST_BLOCKS * BlockHistory.BLOCK;
    /** Memory that a load needs. */
    static final long BYTES = 2L * BUFFER * DEPTH;

    /**
     * What it does and puts up with.
     *
     * @param compares whether there is COMPARE_AND_WRITE, which locks ranges, so that others overtake
     * @param disturbs whether it aborts and resets
     * @param tolerated statuses that may come, besides what follows from that
     */
    record Manner(boolean compares, boolean disturbs, IntPredicate tolerated) {}

    private final class Abort extends BdevIo {
        Abort(BdevIo victim) {
            super(0);
            type = IoType.ABORT;
            this.victim = victim;
        }

        @Override
        protected void ended(int status) {
            aborts--;
            require(status == Status.OK || status == Status.FAILED, "ABORT ended: " + Status.text(status));
            closeIfOver();
        }
    }

    private final SimRandom random;
    private final Reactor reactor;
    private final BlockHistory history;
    private final Manner manner;
    private final long stamps;
    private final Deque<StormIo> idle = new ArrayDeque<>();
    private final BdevDescriptor descriptor;
    private BdevChannel channel;
    private LaneView lane;
    private long accepted;
    private long ended;
    private int budget;
    private int aborts;
    private boolean submitting;
    private boolean closing;
    private boolean closed;
    /** When above 0, it reads its range in order and does nothing else. */
    private int toSweep;

    /** Opens the device; {@link #begin} must follow, on the reactor. */
    StormLoad(BdevRegistry registry, String device, Reactor reactor, BlockHistory history, SimRandom random, Manner manner)
        throws StorageException {
        this.reactor = reactor;
        this.history = history;
        this.random = random;
        this.manner = manner;
        this.stamps = random.nextLong() << 32;
        this.descriptor = registry.open(device, true, reactor, this);
    }

    /** Opens the channel; gives up the device when there is none to be had. */
    void begin(Region memory, LaneView lane) throws StorageException {
        this.lane = lane;
        try {
            channel = descriptor.openChannel(reactor);
        } catch (StorageException e) {
            closed = true;
            descriptor.close();
            throw e;
        }
        for (int i = 0; i < DEPTH; i++) {
            idle.add(new StormIo(this, memory.address() + 2L * i * BUFFER, BUFFER));
        }
    }

    static void require(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalStateException(otherwise);
        }
    }

    Reactor reactor() {
        return reactor;
    }

    Bdev bdev() {
        return descriptor.bdev();
    }

    long ended() {
        return ended;
    }

    /** So many more I/Os, soon. The test's thread, which drives all reactors. */
    void spend(int more) {
        budget += closing ? 0 : more;
        reactor.execute(this::next);
    }

    /** Reads all that it ever wrote. */
    void sweep() {
        toSweep = history.count();
        spend(toSweep);
    }

    boolean isQuiet() {
        return closed || budget == 0 && idle.size() == DEPTH && aborts == 0;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void removed() {
        end();
    }

    /** Ends what it does and closes. */
    void end() {
        closing = true;
        budget = 0;
        closeIfOver();
    }

    private void closeIfOver() {
        if (closing && !closed && channel != null && idle.size() == DEPTH && aborts == 0) {
            closed = true;
            reactor.execute(() -> {
                require(accepted == ended, accepted + " accepted and " + ended + " ended");
                channel.close();
                descriptor.close();
            });
        }
    }

    @Override
    public void available() {
        next();
    }

    private void next() {
        while (budget > 0 && !idle.isEmpty() && !isWaiting()) {
            StormIo io = idle.poll();
            choose(io);
            budget--;
            submit(io);
        }
    }

    private void submit(StormIo io) {
        // A range lock lets others overtake.
        io.queued = !manner.compares() && !lane.isOpen();
        io.number = ++accepted;
        io.flying = true;
        submitting = true;
        int status = channel.submit(io);
        submitting = false;
        if (status == Status.OK) {
            abortSome(io);
            return;
        }
        accepted--;
        io.flying = false;
        release(io);
        idle.add(io);
        if (status == Status.NO_RESOURCE) {
            budget++;
            channel.whenAvailable(this);
        } else {
            require(mayEnd(io, status), io.type + " was refused: " + Status.text(status));
            budget = 0;
        }
    }

    private void abortSome(StormIo io) {
        if (manner.disturbs() && io.type != IoType.RESET && random.oneIn(24)) {
            aborts++;
            submitting = true;
            int status = channel.submit(new Abort(io));
            submitting = false;
            aborts -= status == Status.OK ? 0 : 1;
        }
    }

    void ended(StormIo io, int status) {
        require(io.flying, io.type + " ended twice: " + Status.text(status));
        require(!submitting, io.type + " ended inside a submission");
        io.flying = false;
        ended++;
        judge(io, status);
        release(io);
        idle.add(io);
        next();
        closeIfOver();
    }

    private boolean mayEnd(StormIo io, int status) {
        return status == Status.ABORTED && manner.disturbs() || io.type == IoType.RESET && status == Status.TIMED_OUT
            || manner.tolerated().test(status);
    }

    private void judge(StormIo io, int status) {
        int due = io.differs ? Status.MISCOMPARE : Status.OK;
        require(status == due || status != Status.OK && mayEnd(io, status),
            io.type + " of " + io.blocks + " at " + io.offsetBlocks + " ended: " + Status.text(status));
        int first = (int) (io.offsetBlocks - history.first);
        for (int i = 0; i < io.blocks && io.type != IoType.FLUSH; i++) {
            if (io.type == IoType.READ && status == Status.OK) {
                history.check(first + i, io.address + (long) i * BlockHistory.BLOCK);
            } else if (io.type.writes() && !io.differs && status == Status.OK) {
                history.written(first + i, stampOf(io, i));
            } else if (io.type.writes() && !io.differs) {
                history.mayHold(first + i, stampOf(io, i));
            }
        }
    }

    private static long stampOf(StormIo io, int block) {
        return io.stamp == 0 ? 0 : io.stamp + (long) block * 16;
    }

    private void release(StormIo io) {
        if (io.type.hasRange() && io.type != IoType.FLUSH) {
            int first = (int) (io.offsetBlocks - history.first);
            history.busy.clear(first, first + (int) io.blocks);
        }
    }

    private void choose(StormIo io) {
        io.data.clear();
        io.stamp = 0;
        io.differs = false;
        io.offsetBlocks = 0;
        io.blocks = 0;
        if (toSweep > 0) {
            io.type = IoType.READ;
            at(io, history.count() - toSweep--, 1);
        } else {
            io.type = pick(random.below(1000));
            chooseRange(io);
        }
        if (io.type.hasData()) {
            io.data.set(io.address, (int) io.blocks * BlockHistory.BLOCK);
            prepare(io);
        }
    }

    private IoType pick(int roll) {
        if (roll < 45) {
            return IoType.FLUSH;
        } else if (roll < 85) {
            return bdev().unmapReadsZeroes() && bdev().supports(IoType.UNMAP) ? IoType.UNMAP : IoType.READ;
        } else if (roll < 125) {
            return IoType.WRITE_ZEROES;
        } else if (roll < 165) {
            return IoType.COMPARE;
        } else if (roll < 205) {
            return manner.compares() ? IoType.COMPARE_AND_WRITE : IoType.WRITE;
        } else if (roll < 207) {
            return manner.disturbs() ? IoType.RESET : IoType.READ;
        }
        return roll < 620 ? IoType.WRITE : IoType.READ;
    }

    private void chooseRange(StormIo io) {
        if (io.type == IoType.RESET) {
            return;
        }
        if (io.type == IoType.FLUSH) {
            io.offsetBlocks = history.first;
            io.blocks = history.count();
            return;
        }
        int blocks = random.oneIn(16) ? 1 + random.below(MOST_BLOCKS) : 1 + random.below(3);
        int first = random.below(history.count() - blocks + 1);
        int used = history.busy.nextSetBit(first);
        at(io, first, used < 0 ? blocks : Math.max(0, Math.min(blocks, used - first)));
        boolean comparing = io.type == IoType.COMPARE || io.type == IoType.COMPARE_AND_WRITE;
        if (comparing && (io.blocks == 0 || !history.isCertain(first, (int) io.blocks))) {
            io.type = IoType.READ;
        }
    }

    private void at(StormIo io, int first, int blocks) {
        io.offsetBlocks = history.first + first;
        io.blocks = blocks;
        history.busy.set(first, first + blocks);
    }

    private void prepare(StormIo io) {
        int first = (int) (io.offsetBlocks - history.first);
        boolean writes = io.type == IoType.WRITE || io.type == IoType.COMPARE_AND_WRITE;
        io.stamp = writes ? stamps | accepted + 1 << 8 : 0;
        for (int i = 0; i < io.blocks; i++) {
            long at = (long) i * BlockHistory.BLOCK;
            if (io.type != IoType.READ) {
                BlockHistory.fill(io.address + at, writes ? stampOf(io, i) : history.acknowledged(first + i));
            }
            if (io.type == IoType.COMPARE_AND_WRITE) {
                BlockHistory.fill(io.other + at, history.acknowledged(first + i));
            }
        }
        boolean comparing = io.type == IoType.COMPARE || io.type == IoType.COMPARE_AND_WRITE;
        io.differs = comparing && random.oneIn(4);
        if (io.differs) {
            long wrong = (io.type == IoType.COMPARE ? io.address : io.other) + io.blocks * BlockHistory.BLOCK - 8;
            Mem.setLong(wrong, 1);
        }
        if (io.type == IoType.COMPARE_AND_WRITE) {
            io.compare.set(io.other, (int) io.blocks * BlockHistory.BLOCK);
        }
    }
}
