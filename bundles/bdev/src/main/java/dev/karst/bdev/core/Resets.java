package dev.karst.bdev.core;

import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The resets of one device, one after the other: all gates close and what is in the module is aborted; when the
 * modules' channels are empty, or half the time is up, the module is reset if it knows how; gates open again and the
 * submitter hears. Confined to the device's first reactor, which talks with the others by message.
 */
final class Resets {
    private record Request(Lane origin, BdevIo io) {}

    /** A RESET as the module sees it. */
    private static final class ModuleReset extends BdevIo {
        private final Consumer<Integer> whenEnded;

        ModuleReset(Consumer<Integer> whenEnded) {
            super(0);
            this.whenEnded = whenEnded;
            type = IoType.RESET;
        }

        @Override
        protected void ended(int status) {
            whenEnded.accept(status);
        }
    }

    private final CoreBdev bdev;
    private final Reactor home;
    private final long halfNanos;
    private final ArrayDeque<Request> queue = new ArrayDeque<>(0);
    private final Timer deadline = new Timer() {
        @Override
        public void expired() {
            timeIsUp();
        }
    };
    private final Timer again = new Timer() {
        @Override
        public void expired() {
            resetModule(step);
        }
    };
    private Request current;
    /** Counts up with each step, so that what comes late for an earlier one is told apart. */
    private int step;
    private boolean resetting;

    Resets(CoreBdev bdev, Reactor home, long timeoutMs) {
        this.bdev = bdev;
        this.home = home;
        this.halfNanos = timeoutMs * 1_000_000 / 2;
    }

    /** Called on the submitter's reactor; ends the I/O there. */
    void request(Lane origin, BdevIo io) {
        home.execute(() -> {
            queue.add(new Request(origin, io));
            next();
        });
    }

    private void next() {
        if (current != null || queue.isEmpty()) {
            return;
        }
        current = queue.poll();
        resetting = false;
        int now = ++step;
        CompletableFuture<?>[] empty = new CompletableFuture<?>[bdev.lanes.length];
        for (int i = 0; i < empty.length; i++) {
            empty[i] = hold(bdev.lanes[i]);
        }
        home.schedule(deadline, halfNanos);
        CompletableFuture.allOf(empty).thenRun(() -> home.execute(() -> resetModule(now)));
    }

    private static CompletableFuture<Void> hold(Lane lane) {
        var empty = new CompletableFuture<Void>();
        lane.reactor.execute(() -> {
            lane.gate.close(LaneGate.RESET, empty);
            lane.gate.abortAll();
        });
        return empty;
    }

    private void timeIsUp() {
        if (resetting) {
            finish(step, Status.TIMED_OUT);
        } else {
            resetModule(step);
        }
    }

    private void resetModule(int of) {
        if (of != step) {
            return;
        }
        int now = ++step;
        if (!resetting) {
            resetting = true;
            home.schedule(deadline, halfNanos);
        }
        Lane origin = current.origin;
        origin.reactor.execute(() -> resetOn(origin, status -> home.execute(() -> ended(now, status))));
    }

    /** On the origin's reactor. A module that is away is as good as reset, and so is one that has no RESET. */
    private static void resetOn(Lane lane, Consumer<Integer> whenEnded) {
        if (lane.module() == null || lane.attachment() == null || !lane.module().supports(IoType.RESET)) {
            whenEnded.accept(Status.OK);
            return;
        }
        var io = new ModuleReset(whenEnded);
        lane.inner.begin(io);
        if (!lane.hand(io)) {
            lane.end(io, Status.NO_RESOURCE);
        }
    }

    private void ended(int of, int status) {
        if (of != step) {
            return;
        }
        if (status == Status.NO_RESOURCE) {
            home.schedule(again, Reactor.NAP_NANOS);
        } else {
            finish(of, status);
        }
    }

    private void finish(int of, int status) {
        if (of != step) {
            return;
        }
        step++;
        home.cancel(deadline);
        home.cancel(again);
        bdev.onLanes(lane -> lane.gate.open(LaneGate.RESET));
        Request done = current;
        current = null;
        done.origin.reactor.execute(() -> tell(done, status));
        next();
    }

    private static void tell(Request done, int status) {
        boolean wasReplaced = status == Status.ABORTED && done.origin.module() == null;
        int told = done.origin.isRemoved() ? Status.REMOVED : wasReplaced ? Status.OK : status;
        done.origin.end(done.io, told);
    }
}
