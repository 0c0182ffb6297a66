package dev.karst.bdev.testkit.fault;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A channel around a module's own. What is late or missing it holds itself; the module has not seen it. */
final class FaultChannel extends ModuleChannel {
    private static final int[] REFUSALS =
        {Status.FAILED, Status.INVALID, Status.NOT_SUPPORTED, Status.TIMED_OUT, Status.errno(Errno.EIO)};
    private static final long USUAL_NANOS = 300_000;
    private static final long MUCH_LATER_NANOS = 20_000_000;

    /** Hands an I/O on after a while. */
    private final class Later extends Timer {
        private final BdevIo io;

        Later(BdevIo io) {
            this.io = io;
        }

        @Override
        public void expired() {
            held.remove(io);
            int status = module.submit(io);
            if (status == Status.NO_RESOURCE) {
                hold(io, this);
            } else if (status != Status.OK) {
                io.complete(status);
            }
        }
    }

    private final ModuleChannel module;
    private final Reactor reactor;
    private final Faults faults;
    /** What the module has not seen; with its timer, or null for what will never be done. */
    private final Map<BdevIo, Timer> held = new LinkedHashMap<>();

    FaultChannel(ModuleChannel module, Reactor reactor, Faults faults) {
        this.module = module;
        this.reactor = reactor;
        this.faults = faults;
        faults.opened(this);
    }

    Reactor reactor() {
        return reactor;
    }

    @Override
    public int submit(BdevIo io) {
        if (faults.happens(Fault.BUSY)) {
            return Status.NO_RESOURCE;
        }
        if (faults.happens(Fault.REFUSES)) {
            return REFUSALS[faults.random().below(REFUSALS.length)];
        }
        if (faults.happens(Fault.THROWS)) {
            throw Faults.planted("submit");
        }
        if (faults.happens(Fault.FAILS)) {
            return fail(io);
        }
        if (faults.happens(Fault.MISSING)) {
            held.put(io, null);
            return Status.OK;
        }
        if (faults.happens(Fault.LATE)) {
            hold(io, new Later(io));
            return Status.OK;
        }
        return handOn(io);
    }

    private int fail(BdevIo io) {
        io.complete(Status.errno(Errno.EIO));
        maybeAgain(io);
        return Status.OK;
    }

    private void hold(BdevIo io, Timer later) {
        held.put(io, later);
        reactor.schedule(later, faults.random().delayNanos(USUAL_NANOS));
    }

    private int handOn(BdevIo io) {
        int status = module.submit(io);
        if (status != Status.OK) {
            return status;
        }
        maybeAgain(io);
        if (!io.isInFlight() && faults.happens(Fault.THROWS_AFTER)) {
            faults.stray();
            throw Faults.planted("submit, after the end");
        }
        return Status.OK;
    }

    /**
     * Ends it once more, now or much later. Never while it is in flight: what its owner uses anew cannot be told from
     * what it was.
     */
    private void maybeAgain(BdevIo io) {
        if (!io.isInFlight() && faults.happens(Fault.TWICE)) {
            again(io);
        }
        if (faults.happens(Fault.TWICE_LATER)) {
            reactor.schedule(new Timer() {
                @Override
                public void expired() {
                    if (!io.isInFlight()) {
                        again(io);
                    }
                }
            }, faults.random().delayNanos(MUCH_LATER_NANOS));
        }
    }

    private void again(BdevIo io) {
        faults.stray();
        io.complete(Status.OK);
    }

    private boolean take(BdevIo io) {
        boolean here = held.containsKey(io);
        Timer timer = held.remove(io);
        if (timer != null) {
            reactor.cancel(timer);
        }
        return here;
    }

    @Override
    public void abort(BdevIo io) {
        if (faults.happens(Fault.ABORT_THROWS)) {
            throw Faults.planted("abort");
        }
        if (faults.happens(Fault.IGNORES_ABORT)) {
            return;
        }
        if (take(io)) {
            io.complete(Status.ABORTED);
        } else {
            module.abort(io);
        }
    }

    @Override
    public boolean abandon(BdevIo io) {
        if (faults.happens(Fault.ABANDON_THROWS)) {
            throw Faults.planted("abandon");
        }
        if (faults.happens(Fault.KEEPS)) {
            return false;
        }
        return take(io) || module.abandon(io);
    }

    /** Ends all that will never be done. */
    void release() {
        List<BdevIo> all = new ArrayList<>(held.keySet());
        for (BdevIo io : all) {
            if (take(io)) {
                io.complete(Status.errno(Errno.EIO));
            }
        }
    }

    @Override
    public void close() {
        if (!held.isEmpty()) {
            throw new AssertionError("closed with " + held.size() + " inside");
        }
        faults.closed(this);
        module.close();
        if (faults.happens(Fault.CLOSE_THROWS)) {
            throw Faults.planted("close");
        }
    }
}
