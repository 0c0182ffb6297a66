package dev.karst.bdev;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;

/**
 * A channel for submitters that need not ask for room: I/O for which there is none waits here, in order of arrival.
 * Reactor-confined.
 */
@ReactorConfined
public final class QueuedChannel extends BdevChannel.Waiter {
    private final BdevChannel channel;
    private BdevIo firstWaiting;
    private BdevIo lastWaiting;

    /** Takes a channel over; nobody else submits to it. */
    public QueuedChannel(BdevChannel channel) {
        this.channel = channel;
    }

    /** Submits now, or when there is room. What can never succeed ends inside this call. */
    public void submit(BdevIo io) {
        if (firstWaiting != null || !tryNow(io)) {
            enqueue(io);
        }
    }

    /** Submits as {@link BdevChannel#submit} does: what is refused is the submitter's again. */
    public int offer(BdevIo io) {
        return channel.submit(io);
    }

    /** As {@link BdevChannel#doNow}; not before others that wait. */
    public boolean doNow(BdevIo io, long offsetBlocks) {
        return firstWaiting == null && channel.doNow(io, offsetBlocks);
    }

    private boolean tryNow(BdevIo io) {
        int status = channel.submit(io);
        if (status == Status.OK) {
            return true;
        } else if (status == Status.NO_RESOURCE) {
            return false;
        }
        io.ended(status);
        return true;
    }

    private void enqueue(BdevIo io) {
        io.nextWaiting = null;
        if (firstWaiting == null) {
            firstWaiting = io;
            channel.whenAvailable(this);
        } else {
            lastWaiting.nextWaiting = io;
        }
        lastWaiting = io;
    }

    @Override
    public void available() {
        while (firstWaiting != null) {
            BdevIo io = firstWaiting;
            firstWaiting = io.nextWaiting;
            if (!tryNow(io)) {
                putBack(io);
                return;
            }
        }
    }

    private void putBack(BdevIo io) {
        if (firstWaiting == null) {
            lastWaiting = io;
        }
        io.nextWaiting = firstWaiting;
        firstWaiting = io;
        channel.whenAvailable(this);
    }

    /** Ends an I/O soon: at once if it waits, and then true; else the device is asked to. */
    public boolean abort(BdevIo io) {
        if (io.isInFlight()) {
            AbortIo.submit(channel, io);
            return false;
        }
        if (!unlink(io)) {
            return false;
        }
        io.ended(Status.ABORTED);
        return true;
    }

    private boolean unlink(BdevIo io) {
        BdevIo before = null;
        for (BdevIo at = firstWaiting; at != null; before = at, at = at.nextWaiting) {
            if (at == io) {
                if (before == null) {
                    firstWaiting = at.nextWaiting;
                } else {
                    before.nextWaiting = at.nextWaiting;
                }
                if (lastWaiting == at) {
                    lastWaiting = before;
                }
                return true;
            }
        }
        return false;
    }

    /** Ends all that wait. */
    public void endWaiting(int status) {
        while (firstWaiting != null) {
            BdevIo io = firstWaiting;
            firstWaiting = io.nextWaiting;
            io.ended(status);
        }
    }

    /** How many wait. */
    public int waiting() {
        int waiting = 0;
        for (BdevIo at = firstWaiting; at != null; at = at.nextWaiting) {
            waiting++;
        }
        return waiting;
    }

    /** Gives the way back; nothing may be in flight or wait. */
    public void close() {
        channel.close();
    }
}
