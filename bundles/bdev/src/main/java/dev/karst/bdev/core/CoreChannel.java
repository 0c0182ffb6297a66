package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.reactor.Message;
import java.util.ArrayDeque;

/** A submitter's channel: checks what comes, bounds how much is in flight, and counts what ended. */
@ReactorConfined
final class CoreChannel extends LaneChannel {
    /** Tells waiters outside of whatever made room. */
    private static final class WakeUp extends Message {
        private final CoreChannel channel;
        private boolean sent;

        WakeUp(CoreChannel channel) {
            this.channel = channel;
        }

        @Override
        public void run() {
            sent = false;
            channel.wakeWaiters();
        }
    }

    private final CoreDescriptor descriptor;
    private final boolean writable;
    private final boolean hides;
    private final int depth;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(1);
    private final WakeUp wakeUp = new WakeUp(this);
    /** Null while nobody wants to know what takes long. */
    private Watch watch;
    private int inFlight;
    private boolean closed;

    CoreChannel(Lane lane, CoreDescriptor descriptor, int depth) {
        super(lane);
        this.descriptor = descriptor;
        this.writable = descriptor.writable();
        this.hides = descriptor.hidesMetadata();
        this.depth = depth;
        watch(descriptor);
    }

    /** Its owner wants to know from now on what takes long, or no longer. */
    void watch(CoreDescriptor of) {
        if (of != descriptor) {
            return;
        }
        if (watch != null) {
            watch.close();
        }
        watch = of.newWatch(this);
    }

    @Override
    public int submit(BdevIo io) {
        assert !closed : "submitted to a closed channel";
        assert reactor.isCurrent() : "submitted on another reactor";
        int status = lane.check(io, writable, hides);
        if (status != Status.OK) {
            return status;
        }
        if (inFlight >= depth && io.type != IoType.ABORT && io.type != IoType.RESET) {
            return Status.NO_RESOURCE;
        }
        inFlight++;
        lane.counters.begun();
        begin(io, lane.nowNanos());
        if (watch != null) {
            watch.begun(io);
        }
        if (io.type == IoType.ABORT) {
            abort(io);
        } else {
            lane.take(io);
        }
        return Status.OK;
    }

    @Override
    public boolean doNow(BdevIo io, long offsetBlocks) {
        return watch == null && lane.doNow(io, offsetBlocks, writable);
    }

    CoreDescriptor descriptor() {
        return descriptor;
    }

    boolean hidesMetadata() {
        return hides;
    }

    private void abort(BdevIo io) {
        BdevIo victim = io.victim;
        boolean found = victim != null && victim != io && holds(victim) && lane.abort(victim);
        lane.end(io, found ? Status.OK : Status.FAILED);
    }

    @Override
    protected void completed(BdevIo io, int status) {
        if (isElsewhere(io) || !lane.left(io, status)) {
            return;
        }
        inFlight--;
        end(io);
        if (watch != null) {
            watch.ended(io);
        }
        lane.count(io, status);
        lane.settle();
        if (!waiters.isEmpty()) {
            wakeSoon();
        }
        tell(io);
    }

    @Override
    public void whenAvailable(Waiter waiter) {
        if (!waiter.isWaiting()) {
            waiting(waiter, true);
            waiters.add(waiter);
        }
        if (inFlight < depth || lane.refuses()) {
            wakeSoon();
        }
    }

    /** Waiters hear later in this round. */
    void wakeSoon() {
        if (!wakeUp.sent) {
            wakeUp.sent = true;
            reactor.defer(wakeUp);
        }
    }

    private void wakeWaiters() {
        for (int left = waiters.size(); left > 0 && (inFlight < depth || lane.refuses()); left--) {
            Waiter waiter = waiters.poll();
            waiting(waiter, false);
            waiter.available();
        }
    }

    @Override
    public void close() {
        assert !closed : "closed twice";
        assert inFlight == 0 : "closed with " + inFlight + " I/Os in flight";
        closed = true;
        if (watch != null) {
            watch.close();
        }
        lane.close(this);
        descriptor.channelClosed();
    }

    @Override
    public int inFlight() {
        return inFlight;
    }
}
