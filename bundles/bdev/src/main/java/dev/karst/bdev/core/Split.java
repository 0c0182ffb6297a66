package dev.karst.bdev.core;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.lock.RangeLock;

/**
 * One I/O that is done in parts: because it is larger than the module takes, or because the module writes no zeros and
 * a region of zeros is written instead. The first part that fails ends it, once no part is in flight.
 */
@ReactorConfined
final class Split extends Workers.Worker {
    /** How many are done at a time. */
    static final int MOST = 16;

    /** Parts in flight at a time. */
    private static final int WIDTH = 4;
    /** Parts issued at a time, before the reactor turns to something else. */
    private static final int BURST = 32;

    /**
     * Memory that holds zeros and is only read, shared by all devices whose modules write no zeros themselves.
     *
     * @param address of the first byte, aligned to 4 KiB
     * @param bytes how many; at least the largest block
     */
    record Zeroes(long address, int bytes) {}

    private final class Part extends BdevIo {
        Part() {
            super(MAX_SEGMENTS);
        }

        @Override
        protected void ended(int status) {
            partEnded(this, status);
        }
    }

    private final Lane lane;
    private final Part[] parts = new Part[WIDTH];
    private final Part[] free = new Part[WIDTH];
    private int freeCount = WIDTH;

    private BdevIo whole;
    private boolean zeroes;
    private long nextBlock;
    private long blocksLeft;
    private int segment;
    private int segmentUsed;
    private int status;
    /** Not even the smallest part fits into the memory pairs that the module takes. */
    private boolean isTooFine;
    private boolean cutting;
    private boolean sent;

    Split(Lane lane) {
        this.lane = lane;
        for (int i = 0; i < WIDTH; i++) {
            parts[i] = new Part();
            free[i] = parts[i];
        }
    }

    @Override
    void begin(BdevIo io) {
        LaneChannel.note(io, LaneChannel.SPLIT);
        whole = io;
        zeroes = lane.needsZeroes(io);
        nextBlock = io.offsetBlocks;
        blocksLeft = io.blocks;
        segment = 0;
        segmentUsed = 0;
        status = Status.OK;
        isTooFine = false;
        cut();
    }

    @Override
    BdevIo whole() {
        return whole;
    }

    @Override
    boolean isBusy(RangeLock lock) {
        return whole != null && LaneLocks.overlap(lock, whole);
    }

    @Override
    void abort() {
        fail(Status.ABORTED);
        cutting = true;
        for (Part part : parts) {
            if (part.isInFlight()) {
                lane.abort(part);
            }
        }
        cutting = false;
        endIfDone();
    }

    /** The next burst of parts. */
    @Override
    public void run() {
        sent = false;
        cut();
    }

    private void cut() {
        if (cutting || whole == null) {
            return;
        }
        cutting = true;
        int burst = BURST;
        while (burst-- > 0 && mayIssue()) {
            issue(free[--freeCount]);
        }
        cutting = false;
        if (mayIssue() && !sent) {
            sent = true;
            lane.reactor.send(this);
        }
        endIfDone();
    }

    private boolean mayIssue() {
        return status == Status.OK && !isTooFine && blocksLeft > 0 && freeCount > 0;
    }

    private void issue(Part part) {
        part.type = zeroes ? IoType.WRITE : whole.type;
        part.offsetBlocks = nextBlock;
        part.data.clear();
        part.blocks = part.type.hasData() ? fillData(part) : lane.limits().piece(part.type, nextBlock, blocksLeft);
        part.sourceBlock = whole.sourceBlock + nextBlock - whole.offsetBlocks;
        if (part.blocks == 0) {
            free[freeCount++] = part;
            isTooFine = true;
            return;
        }
        describe(part);
        nextBlock += part.blocks;
        blocksLeft -= part.blocks;
        lane.inner.submit(part);
    }

    /** What of the whole is the same in each part, and where the part's metadata lies. */
    private void describe(Part part) {
        long done = nextBlock - whole.offsetBlocks;
        part.metadata = whole.metadata == 0 ? 0 : whole.metadata + done * lane.limits().metadata().bytes();
        part.uncheckedProtection = whole.uncheckedProtection;
        part.protectionAction = whole.protectionAction;
        part.applicationTag = whole.applicationTag;
        part.applicationTagMask = whole.applicationTagMask;
    }

    /** As much as one part may move. Gives the number of blocks, 0 when not even one fits into the segments. */
    private long fillData(Part part) {
        IoVector data = part.data;
        long most = lane.limits().piece(part.type, nextBlock, blocksLeft) * lane.limits().blockSize();
        int segments = Math.min(lane.limits().segments(), BdevIo.MAX_SEGMENTS);
        long filled = zeroes ? fillZeroes(data, most, segments) : fillSlice(data, most, segments);
        long excess = zeroes ? 0 : filled % lane.limits().granule(part.type);
        return (excess == 0 ? filled : giveBack(data, filled - excess)) / lane.limits().blockSize();
    }

    private long fillZeroes(IoVector data, long most, int segments) {
        Zeroes region = lane.zeroes;
        long filled = 0;
        while (filled < most && data.count() < segments) {
            int length = (int) Math.min(most - filled, region.bytes());
            data.add(region.address(), length);
            filled += length;
        }
        return filled;
    }

    private long fillSlice(IoVector data, long most, int segments) {
        long filled = 0;
        while (filled < most && data.count() < segments) {
            int length = (int) Math.min(most - filled, whole.data.length(segment) - segmentUsed);
            if (length > 0) {
                data.add(whole.data.address(segment) + segmentUsed, length);
            }
            advance(length);
            filled += length;
        }
        return filled;
    }

    private void advance(int length) {
        segmentUsed += length;
        if (segmentUsed == whole.data.length(segment) && segment < whole.data.count() - 1) {
            segment++;
            segmentUsed = 0;
        }
    }

    /** The part may only hold whole blocks: goes back to its start and takes {@code bytes}. */
    private long giveBack(IoVector data, long bytes) {
        long from = (nextBlock - whole.offsetBlocks) * lane.limits().blockSize();
        data.slice(whole.data, from, bytes);
        segment = 0;
        long skip = from + bytes;
        while (skip > 0 && skip >= whole.data.length(segment) && segment < whole.data.count() - 1) {
            skip -= whole.data.length(segment++);
        }
        segmentUsed = (int) skip;
        return bytes;
    }

    private void partEnded(Part part, int outcome) {
        free[freeCount++] = part;
        if (outcome != Status.OK) {
            fail(outcome);
        }
        cut();
    }

    private void fail(int outcome) {
        if (status == Status.OK) {
            status = outcome;
        }
    }

    private void endIfDone() {
        boolean done = whole != null && !cutting && freeCount == WIDTH
            && (blocksLeft == 0 || isTooFine || status != Status.OK);
        if (done) {
            BdevIo ended = whole;
            int outcome = status;
            whole = null;
            lane.splits.give(this);
            if (isTooFine && outcome == Status.OK) {
                LaneChannel.note(ended, LaneChannel.NOWHERE);
                lane.locks.left(ended);
                lane.jobs.take(ended);
            } else {
                lane.end(ended, outcome);
            }
        }
    }
}
