package dev.karst.scsi.core.model;

import dev.karst.base.ReactorConfined;

/** Waits for the end of some commands of one reactor. Not on the I/O path: it is made when something is managed. */
@ReactorConfined
public final class Fence {
    /** One of the fences that wait for a command. */
    static final class Link {
        final Fence fence;
        final Link next;

        Link(Fence fence, Link next) {
            this.fence = fence;
            this.next = next;
        }
    }

    private final Runnable done;
    /** Whether the unit's reservations wait for it, so that it must not wait for commands that wait for them. */
    private final boolean ofReservations;
    /** Commands that are still there, and one until all were found. */
    private int left = 1;

    private Fence(Runnable done, boolean ofReservations) {
        this.done = done;
        this.ofReservations = ofReservations;
    }

    Fence(Runnable done) {
        this(done, false);
    }

    /** One that the reservations of a unit wait for. */
    public static Fence ofReservations(Runnable done) {
        return new Fence(done, true);
    }

    /** Waits for this one too. */
    void await(Command command) {
        if (ofReservations && command.isReserving) {
            return;
        }
        command.fences = new Link(this, command.fences);
        left++;
    }

    /** A command has ended, or all were found. */
    public void pass() {
        if (--left == 0) {
            done.run();
        }
    }
}
