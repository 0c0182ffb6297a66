package dev.karst.bdev.testkit;

import dev.karst.base.Status;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.reactor.Reactor;

/** A way into a block layer that has one of the bugs that a block layer must not have; {@link FaultSim} finds them all. */
final class BuggyWay extends BdevChannel {
    /** What it does wrong, now and then. */
    enum Bug {
        NONE,
        LOSES_AN_END,
        ENDS_TWICE,
        ENDS_INSIDE_SUBMIT,
        SAYS_OK_AND_DOES_NOTHING,
        FAILS_THE_NEIGHBOUR,
        KEEPS_A_CHANNEL,
        REFUSES_AND_ENDS
    }

    private static final int SELDOM = 5;

    /** What is handed on in place of an I/O. */
    private final class Child extends BdevIo {
        private final BdevIo whole;

        Child(BdevIo whole) {
            super(MAX_SEGMENTS);
            this.whole = whole;
            type = whole.type;
            offsetBlocks = whole.offsetBlocks;
            blocks = whole.blocks;
            data.slice(whole.data, 0, whole.data.bytes());
            victim = whole.victim;
        }

        @Override
        protected void ended(int status) {
            over(whole, status);
        }
    }

    private final BdevChannel way;
    private final Bug bug;
    private int count;

    BuggyWay(BdevChannel way, Bug bug) {
        this.way = way;
        this.bug = bug;
    }

    private boolean isNow(Bug asked) {
        return bug == asked && ++count % SELDOM == 0;
    }

    @Override
    public int submit(BdevIo io) {
        if (io.type == IoType.ABORT) {
            return Status.NOT_SUPPORTED;
        }
        begin(io, 0);
        if (io.type == IoType.WRITE && isNow(Bug.SAYS_OK_AND_DOES_NOTHING)) {
            way.reactor().execute(() -> io.complete(Status.OK));
            return Status.OK;
        }
        if (isNow(Bug.ENDS_INSIDE_SUBMIT)) {
            io.complete(Status.FAILED);
            return Status.OK;
        }
        int status = way.submit(new Child(io));
        if (status == Status.OK && isNow(Bug.REFUSES_AND_ENDS)) {
            return Status.FAILED;
        }
        if (status != Status.OK) {
            end(io);
        }
        return status;
    }

    private void over(BdevIo io, int status) {
        if (isNow(Bug.LOSES_AN_END)) {
            return;
        }
        boolean twice = isNow(Bug.ENDS_TWICE);
        io.complete(isNow(Bug.FAILS_THE_NEIGHBOUR) ? Status.FAILED : status);
        if (twice) {
            io.run();
        }
    }

    @Override
    protected void completed(BdevIo io, int status) {
        end(io);
        io.run();
    }

    @Override
    public void whenAvailable(Waiter waiter) {
        way.whenAvailable(waiter);
    }

    @Override
    public void close() {
        if (bug != Bug.KEEPS_A_CHANNEL) {
            way.close();
        }
    }

    @Override
    public Reactor reactor() {
        return way.reactor();
    }

    @Override
    public Bdev bdev() {
        return way.bdev();
    }

    @Override
    public int inFlight() {
        return way.inFlight();
    }
}
