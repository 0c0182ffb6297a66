package dev.karst.bdev.core.limit;

import dev.karst.base.ReactorConfined;
import java.util.concurrent.atomic.AtomicLong;

/** One limit. Times are in sixteenths of a nanosecond, so that a million I/Os a second are counted without loss. */
@ReactorConfined
final class Bucket {
    static final int FRACTION = 4;
    private static final long SECOND = 1_000_000_000L << FRACTION;
    private static final long SLICE = RateLimit.SLICE_NANOS << FRACTION;
    /** What was not used is kept for so long, so that a late look loses nothing; the most that goes at once after a pause. */
    private static final long KEPT = 4 * SLICE;
    /** No I/O holds up others for longer than some years. */
    private static final long MOST = Long.MAX_VALUE >> 6;

    private final double each;
    private final AtomicLong end = new AtomicLong(Long.MIN_VALUE);

    /** @param perSecond 0 for no limit */
    Bucket(long perSecond) {
        each = perSecond == 0 ? 0 : (double) SECOND / perSecond;
    }

    /** Whether something goes now: within its reactor's part, or because the others leave over what is older than a slice. */
    boolean allows(long partEnd, long now) {
        if (each == 0) {
            return true;
        }
        long reached = end.get();
        return reached <= now && partEnd <= now || reached <= now - SLICE;
    }

    /** Takes it from all, and from the reactor's part, of which it gives the new end. */
    long take(long partEnd, long count, int sharers, long now) {
        if (each == 0) {
            return partEnd;
        }
        long cost = (long) Math.min(count * each, MOST);
        long before = end.get();
        while (!end.compareAndSet(before, Math.max(before, now - KEPT) + cost)) {
            before = end.get();
        }
        return Math.max(partEnd, now - KEPT) + Math.min(cost, MOST / sharers) * sharers;
    }
}
