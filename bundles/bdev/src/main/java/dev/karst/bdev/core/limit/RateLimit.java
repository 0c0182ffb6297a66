package dev.karst.bdev.core.limit;

import dev.karst.base.ReactorConfined;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The limits of one device, shared by its reactors without a lock. Called for limited devices only.
 *
 * <p>Each limit is one point in time: when all that was let through would have ended, had it gone at exactly the limit's
 * rate. I/O may go when that point has been reached, and moves it on by its own share. An I/O that is larger than what is
 * left goes all the same, and those after it wait for longer. See ADR 0011.
 */
@ReactorConfined
public final class RateLimit {
    /** How often who waits looks again. */
    public static final long SLICE_NANOS = 1_000_000;

    /** Reactors on which I/O waits; they share what there is in equal parts. */
    private final AtomicInteger waiters = new AtomicInteger();
    private final Bucket ios;
    private final Bucket bytes;
    private final Bucket readBytes;
    private final Bucket writtenBytes;

    public RateLimit(Rates rates) {
        ios = new Bucket(rates.ios());
        bytes = new Bucket(rates.mebibytes() << 20);
        readBytes = new Bucket(rates.readMebibytes() << 20);
        writtenBytes = new Bucket(rates.writtenMebibytes() << 20);
    }

    /** What one reactor has taken of its part. */
    @ReactorConfined
    public static final class Part {
        private final long[] ends = new long[4];

        /** It has taken nothing. */
        public void clear() {
            Arrays.fill(ends, Long.MIN_VALUE);
        }
    }

    /** I/O begins to wait on one more reactor. */
    public void waits() {
        waiters.incrementAndGet();
    }

    /** No I/O waits on that reactor any more. */
    public void waitsNoMore() {
        waiters.decrementAndGet();
    }

    /** Whether an I/O goes now, and if so takes what it needs. */
    public boolean takes(Part part, boolean reads, long count, long nowNanos) {
        Bucket own = reads ? readBytes : writtenBytes;
        int at = reads ? 2 : 3;
        int sharers = Math.max(1, waiters.get());
        long now = nowNanos << Bucket.FRACTION;
        boolean allowed = ios.allows(part.ends[0], now) && bytes.allows(part.ends[1], now)
            && own.allows(part.ends[at], now);
        if (allowed) {
            part.ends[0] = ios.take(part.ends[0], 1, sharers, now);
            part.ends[1] = bytes.take(part.ends[1], count, sharers, now);
            part.ends[at] = own.take(part.ends[at], count, sharers, now);
        }
        return allowed;
    }
}
