package dev.karst.nvme.core;

import dev.karst.base.StorageException;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController.State;
import dev.karst.nvme.core.link.Link;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;

/**
 * Brings a controller back that was lost: at once, and then less and less often until the time is over. An attempt is a task of the
 * controller's life; between two of them a timer runs, and other tasks.
 */
final class Recovery {
    private static final long MS = 1_000_000;
    private static final int MOST_DELAYS = 8;

    private final AttachedController controller;
    private final Link link;
    private final Reactor clock;
    private final ControllerOptions.Timeouts timeouts;
    private final Timer next = new Timer() {
        @Override
        public void expired() {
            controller.later(Recovery.this::attempt);
        }
    };
    /** Somebody has asked for it, and it has not ended. Guarded by this. */
    private boolean underWay;
    /** The controller was lost again since the last attempt began. Guarded by this. */
    private boolean again;
    /** Before the attempt after the next failure, in units of the first delay. */
    private int delays;
    private long leftNanos;

    /** @param clock the reactor whose timers are used */
    Recovery(AttachedController controller, Link link, Reactor clock, ControllerOptions.Timeouts timeouts) {
        this.controller = controller;
        this.link = link;
        this.clock = clock;
        this.timeouts = timeouts;
    }

    /** Brings it back, in the background. Any thread. */
    void ask(String why) {
        synchronized (this) {
            again = true;
            if (underWay) {
                return;
            }
            underWay = true;
        }
        controller.later(() -> begin(why));
    }

    /** Brings it back now, or begins with it. Control tasks. */
    void now(String why) {
        synchronized (this) {
            again = true;
            underWay = true;
        }
        begin(why);
    }

    /** A reset was done beside it, or the controller detached: what is left to do is done now. Control tasks. */
    void settle() {
        clock.execute(() -> clock.cancel(next));
        attempt();
    }

    private void begin(String why) {
        if (!hasEnded()) {
            controller.become(whileTried(), why);
            delays = 1;
            leftNanos = timeouts.lossMs() * MS;
            attempt();
        }
    }

    private State whileTried() {
        return link.isFabrics() ? State.RECONNECTING : State.RESETTING;
    }

    /** What the controller is when a reset beside this has failed: it may still be tried again. Control tasks. */
    synchronized State afterFailure() {
        return underWay ? whileTried() : State.FAILED;
    }

    private void attempt() {
        while (!hasEnded()) {
            if (!tried() && !isHopeless()) {
                if (timeouts.lossMs() >= 0 && leftNanos <= 0) {
                    controller.become(State.FAILED, controller.reason());
                } else {
                    rest();
                    return;
                }
            }
        }
    }

    private boolean isHopeless() {
        return controller.isClosing() || controller.state() == State.REMOVED || controller.state() == State.FAILED;
    }

    /** Whether there is nothing more to do: from then on it can be asked for anew. */
    private synchronized boolean hasEnded() {
        boolean ended = isHopeless() || controller.state() == State.READY && !again;
        if (ended) {
            underWay = false;
        }
        return ended;
    }

    private void rest() {
        long nanos = timeouts.reconnectMs() * MS * delays;
        leftNanos -= nanos;
        delays = Math.min(2 * delays, MOST_DELAYS);
        clock.execute(() -> clock.schedule(next, nanos));
    }

    /** Whether an attempt to bring it up was worth it; else it is stopped, and nothing is in flight. Control tasks. */
    boolean tried() {
        if (link.health() == Link.Health.GONE) {
            removed();
            return false;
        }
        try {
            controller.stop();
            synchronized (this) {
                again = false;
            }
            controller.start();
            return true;
        } catch (StorageException e) {
            controller.failed(e.getMessage());
            if (link.health() == Link.Health.GONE) {
                removed();
            }
            return false;
        }
    }

    /** It was pulled out: nothing brings it back. Control tasks. */
    void removed() {
        if (controller.state() != State.REMOVED) {
            controller.become(State.REMOVED, "it was pulled out");
            controller.failed(controller.reason());
        }
    }
}
