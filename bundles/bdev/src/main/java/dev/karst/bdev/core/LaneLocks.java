package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.lock.LockSite;
import dev.karst.bdev.core.lock.RangeLock;
import dev.karst.bdev.core.ring.IoRing;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;

/** The range locks that hold on one lane, and the I/Os that wait for them in the order in which they came. */
@ReactorConfined
final class LaneLocks extends LockSite {
    private final Lane lane;
    private final IoRing waiting = new IoRing();
    private boolean sent;
    private final Message resume = new Message() {
        @Override
        public void run() {
            sent = false;
            resume();
        }
    };

    LaneLocks(Lane lane) {
        this.lane = lane;
    }

    @Override
    protected Reactor reactor() {
        return lane.reactor;
    }

    @Override
    protected boolean isBusy(RangeLock lock) {
        return isBusyInModule(lock) || lane.splits.isBusy(lock) || lane.jobs.isBusy(lock);
    }

    /** Parts of others do not count: those others do. What a module that went did not give back does not, either. */
    private boolean isBusyInModule(RangeLock lock) {
        Attachment attachment = lane.attachment();
        for (int i = attachment == null ? 0 : attachment.count(); i > 0; i--) {
            BdevIo io = attachment.get(i - 1);
            if (!lane.inner.has(io) && overlap(lock, io)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the I/O may touch what is locked; a command of another protocol may touch anything. */
    static boolean overlap(RangeLock lock, BdevIo io) {
        return switch (io.type) {
            case FLUSH, RESET, ABORT, NVME_ADMIN -> false;
            case NVME_IO -> true;
            case COPY -> lock.overlaps(io.offsetBlocks, io.offsetBlocks + io.blocks)
                || lock.overlaps(io.sourceBlock, io.sourceBlock + io.blocks);
            default -> lock.overlaps(io.offsetBlocks, io.offsetBlocks + io.blocks);
        };
    }

    /** Whether the I/O must wait; parts of one that has begun need not. */
    boolean cover(BdevIo io) {
        if (!isHeld() || lane.inner.has(io)) {
            return false;
        }
        return switch (io.type) {
            case FLUSH, RESET, ABORT, NVME_ADMIN -> false;
            case NVME_IO -> true;
            case COPY -> covers(io.offsetBlocks, io.offsetBlocks + io.blocks)
                || covers(io.sourceBlock, io.sourceBlock + io.blocks);
            default -> covers(io.offsetBlocks, io.offsetBlocks + io.blocks);
        };
    }

    /** The I/O is under way no more. */
    void left(BdevIo io) {
        if (!isPending()) {
            return;
        }
        if (io.type == IoType.NVME_IO) {
            left(0, Long.MAX_VALUE);
        } else if (io.type.hasRange()) {
            left(io.offsetBlocks, io.offsetBlocks + io.blocks);
            if (io.type == IoType.COPY) {
                left(io.sourceBlock, io.sourceBlock + io.blocks);
            }
        }
    }

    /** Lets it wait until what it overlaps is not locked. */
    void await(BdevIo io) {
        LaneChannel.note(io, LaneChannel.WAITING);
        waiting.addLast(io);
    }

    @Override
    protected void changed() {
        lane.beCareful();
        lane.gate.watch();
        if (waiting.size() != 0 && !sent) {
            sent = true;
            lane.reactor.defer(resume);
        }
    }

    /** Nobody is told meanwhile: who submits more then would come before those that wait. */
    private void resume() {
        lane.turn.depth++;
        for (int left = waiting.size(); left > 0 && waiting.size() != 0; left--) {
            BdevIo io = waiting.pollFirst();
            LaneChannel.note(io, LaneChannel.NOWHERE);
            lane.takeAllowed(io);
        }
        lane.turn.depth--;
    }

    boolean removeWaiting(BdevIo io) {
        return waiting.remove(io);
    }

    /** Ends all that wait. */
    void failWaiting(int status) {
        for (BdevIo io = waiting.pollFirst(); io != null; io = waiting.pollFirst()) {
            lane.end(io, status);
        }
    }
}
