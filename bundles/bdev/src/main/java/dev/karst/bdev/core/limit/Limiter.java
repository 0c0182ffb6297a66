package dev.karst.bdev.core.limit;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.ring.IoRing;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;

/**
 * Holds back the reads and writes of one lane while its device has a rate limit: reads in their order, writes in theirs. A
 * timer runs while something waits, and only then. Nothing else is held back, and nothing that splits and emulations
 * do.
 */
@ReactorConfined
public abstract class Limiter extends Timer {
    private final Reactor reactor;
    private final IoRing reads = new IoRing();
    private final IoRing writes = new IoRing();
    private final RateLimit.Part part = new RateLimit.Part();
    /** Null while there is none. */
    private RateLimit limit;
    /** Where this lane is counted among those that wait; null when it is not. */
    private RateLimit countedAt;
    private boolean releasing;

    protected Limiter(Reactor reactor) {
        this.reactor = reactor;
    }

    /** It waits from now on. */
    protected abstract void waits(BdevIo io);

    /** It need not wait any more. */
    protected abstract void goesOn(BdevIo io);

    /** It ends with that status. */
    protected abstract void ends(BdevIo io, int status);

    /** How much it moves. */
    protected abstract long bytes(BdevIo io);

    public int size() {
        return reads.size() + writes.size();
    }

    /** Another limit holds from now on, or none; what waits is held against it at once. */
    public void set(RateLimit next) {
        if (limit != next) {
            limit = next;
            part.clear();
            release();
        }
    }

    /** Whether it is held back from now on, and goes later. */
    public boolean holds(BdevIo io) {
        if (limit == null || !io.type.hasData()) {
            return false;
        }
        IoRing ring = ring(io);
        if (ring.size() == 0 && takes(io)) {
            return false;
        }
        waits(io);
        ring.addLast(io);
        settle();
        return true;
    }

    private static boolean reads(BdevIo io) {
        return io.type == IoType.READ || io.type == IoType.COMPARE;
    }

    private IoRing ring(BdevIo io) {
        return reads(io) ? reads : writes;
    }

    private boolean takes(BdevIo io) {
        return limit == null || limit.takes(part, reads(io), bytes(io), reactor.nowNanos());
    }

    /** The next slice has begun. */
    @Override
    public void expired() {
        release();
    }

    private void release() {
        if (!releasing) {
            releasing = true;
            boolean more = true;
            while (more) {
                more = release(reads) | release(writes);
            }
            releasing = false;
            settle();
        }
    }

    /** Lets one go, if it may. */
    private boolean release(IoRing ring) {
        BdevIo io = ring.pollFirst();
        if (io == null) {
            return false;
        }
        if (!takes(io)) {
            ring.addFirst(io);
            return false;
        }
        goesOn(io);
        return true;
    }

    /** Is counted among those that wait, and has the timer run, while something waits. */
    private void settle() {
        RateLimit waitsFor = size() > 0 ? limit : null;
        if (countedAt != waitsFor) {
            if (countedAt != null) {
                countedAt.waitsNoMore();
            }
            if (waitsFor != null) {
                waitsFor.waits();
            }
            countedAt = waitsFor;
        }
        if (waitsFor == null) {
            reactor.cancel(this);
        } else if (!isScheduled()) {
            reactor.schedule(this, RateLimit.SLICE_NANOS);
        }
    }

    /** Takes one out; false when it does not wait here. */
    public boolean remove(BdevIo io) {
        boolean found = reads.remove(io) || writes.remove(io);
        if (found) {
            settle();
        }
        return found;
    }

    /** Ends all that wait. */
    public void failWaiting(int status) {
        if (size() == 0) {
            return;
        }
        for (BdevIo io = next(); io != null; io = next()) {
            ends(io, status);
        }
        settle();
    }

    private BdevIo next() {
        BdevIo io = reads.pollFirst();
        return io == null ? writes.pollFirst() : io;
    }
}
