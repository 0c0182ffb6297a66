package dev.karst.scsi.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.IoType;
import dev.karst.bdev.QueuedChannel;

/** A logical unit as the nexuses of one reactor reach it. */
@ReactorConfined
public final class UnitChannel {
    public final LogicalUnit unit;
    /** Bytes of a block are 2 to the power of this. */
    public final int blockShift;
    public final boolean readOnly;
    public final boolean volatileCache;
    public final boolean unmaps;
    public final boolean unmapReadsZeroes;
    /** Whether it can be asked which blocks hold nothing. */
    public final boolean tellsHoles;
    public long blocks;

    private final QueuedChannel channel;
    private int inside;
    private boolean closed;
    private Runnable whenClosed;

    UnitChannel(LogicalUnit unit, BdevChannel channel) {
        Bdev bdev = channel.bdev();
        this.unit = unit;
        this.channel = new QueuedChannel(channel);
        blockShift = Integer.numberOfTrailingZeros(unit.blockBytes());
        readOnly = bdev.readOnly();
        volatileCache = bdev.hasVolatileCache();
        unmaps = unit.unmaps();
        unmapReadsZeroes = unmaps && bdev.unmapReadsZeroes();
        tellsHoles = unmaps && bdev.supports(IoType.SEEK_DATA) && bdev.supports(IoType.SEEK_HOLE);
        blocks = bdev.blocks();
    }

    /** Whether the range lies within the unit; compared so that nothing can wrap around. */
    public boolean contains(long first, long count) {
        return first >= 0 && first <= blocks && count >= 0 && count <= blocks - first;
    }

    /** A command is there; {@link #leave} when it has ended. */
    void enter() {
        inside++;
    }

    void leave() {
        if (--inside == 0 && closed) {
            channel.close();
            whenClosed.run();
        }
    }

    /** Whether the unit has been taken away: no new command begins here. */
    public boolean isClosed() {
        return closed;
    }

    /** Submits what the command is set to, now or when there is room. */
    public void submit(Command command) {
        channel.submit(command);
    }

    /** Ends the block I/O of a command soon, if it has one. */
    void abort(Command command) {
        channel.abort(command);
    }

    /** Takes no more; commands that wait for room end now, others when they do, and then {@code done} runs. */
    void close(Runnable done) {
        assert !closed : "closed twice";
        whenClosed = done;
        inside++;
        closed = true;
        channel.endWaiting(Status.REMOVED);
        leave();
    }
}
