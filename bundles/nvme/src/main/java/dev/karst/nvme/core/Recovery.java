package dev.karst.nvme.core;

import dev.karst.base.StorageException;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController.State;
import dev.karst.nvme.core.link.Link;
import dev.karst.nvme.core.link.Waits;

/** Brings a controller back that was lost: at once, and then less and less often until the time is over. Control tasks. */
final class Recovery {
    private static final long MS = 1_000_000;
    private static final long SLICE_NANOS = 20 * MS;
    private static final int MOST_DELAYS = 8;

    private final AttachedController controller;
    private final Link link;
    private final Waits waits;
    private final ControllerOptions.Timeouts timeouts;
    private volatile boolean underWay;
    private volatile boolean hurry;

    Recovery(AttachedController controller, Link link, Waits waits, ControllerOptions.Timeouts timeouts) {
        this.controller = controller;
        this.link = link;
        this.waits = waits;
        this.timeouts = timeouts;
    }

    /** Whether somebody has asked for it already, and asks now. Any thread. */
    synchronized boolean begin() {
        boolean begun = underWay;
        underWay = true;
        return begun;
    }

    /** Does not wait for the next attempt's time. Any thread. */
    void hurry() {
        hurry = true;
    }

    /** What {@link #begin} asked for: returns when it is back, has failed or is gone. */
    void run(String why) {
        try {
            if (!controller.isClosing() && controller.state() != State.REMOVED && controller.state() != State.FAILED) {
                controller.become(link.isFabrics() ? State.RECONNECTING : State.RESETTING, why);
                attempts();
            }
        } finally {
            underWay = false;
        }
    }

    private void attempts() {
        long delay = timeouts.reconnectMs() * MS;
        long left = timeouts.lossMs() * MS;
        int delays = 1;
        while (!controller.isClosing() && !tried() && controller.state() != State.REMOVED) {
            if (timeouts.lossMs() >= 0 && left <= 0) {
                controller.become(State.FAILED, controller.reason());
                return;
            }
            left -= delay * delays;
            rest(delay * delays);
            delays = Math.min(2 * delays, MOST_DELAYS);
        }
    }

    /** Whether an attempt to bring it up was worth it; else it is stopped, and nothing is in flight. */
    boolean tried() {
        if (link.health() == Link.Health.GONE) {
            removed();
            return false;
        }
        try {
            controller.comeUp();
            return true;
        } catch (StorageException e) {
            controller.failed(e.getMessage());
            if (link.health() == Link.Health.GONE) {
                removed();
            }
            return false;
        }
    }

    /** It was pulled out: nothing brings it back. */
    void removed() {
        if (controller.state() != State.REMOVED) {
            controller.become(State.REMOVED, "it was pulled out");
            controller.failed(controller.reason());
        }
    }

    private void rest(long nanos) {
        long left = nanos;
        while (left > 0 && !controller.isClosing() && !hurry) {
            try {
                waits.pause(Math.min(left, SLICE_NANOS));
            } catch (StorageException e) {
                return;
            }
            left -= SLICE_NANOS;
        }
        hurry = false;
    }
}
