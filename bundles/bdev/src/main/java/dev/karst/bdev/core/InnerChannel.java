package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;

/**
 * The channel that the layer's own I/Os are in flight on: parts of a split one, and resets. Not limited, not counted.
 */
@ReactorConfined
final class InnerChannel extends LaneChannel {
    private int inFlight;

    InnerChannel(Lane lane) {
        super(lane);
    }

    @Override
    public int submit(BdevIo io) {
        begin(io);
        lane.takeInner(io);
        return Status.OK;
    }

    /** Whether it is one of the layer's own. */
    boolean has(BdevIo io) {
        return holds(io);
    }

    /** Marks it as in flight here; the caller hands it on. */
    void begin(BdevIo io) {
        inFlight++;
        begin(io, reactor.nowNanos());
    }

    @Override
    protected void completed(BdevIo io, int status) {
        if (!isElsewhere(io) && lane.left(io, status)) {
            inFlight--;
            end(io);
            io.run();
            lane.settle();
            lane.closeSoonIfUnused();
        }
    }

    @Override
    public void whenAvailable(Waiter waiter) {
        // There is always room.
    }

    @Override
    public void close() {
        // Lives as long as its lane.
    }

    @Override
    public int inFlight() {
        return inFlight;
    }
}
