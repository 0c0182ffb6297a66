package dev.karst.base;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often which latency occurred, in SPDK's buckets (include/spdk/histogram_data.h): each range of latencies is twice as
 * long as the one before and has the same number of buckets. What lies below the first range counts in its first bucket,
 * what lies above the last range in its last bucket. One reactor writes; others add it to a sum of their own.
 */
@ReactorConfined
public final class Histogram {
    private static final long TICKS_PER_SECOND = 1_000_000_000;

    private final Buckets buckets;
    private final long[] counts;

    /**
     * Where the buckets lie.
     *
     * @param granularity binary logarithm of the buckets of one range
     * @param minRange number of the first range
     * @param maxRange number of the last range
     */
    public record Buckets(int granularity, int minRange, int maxRange) {
        /** The buckets that hold what lies from {@code minNanos} and below {@code maxNanos}. */
        public static Buckets of(int granularity, long minNanos, long maxNanos) {
            return new Buckets(granularity, range(minNanos, granularity), range(maxNanos - 1, granularity));
        }

        /** How many there are. */
        public int count() {
            return maxRange - minRange + 1 << granularity;
        }

        private static int range(long nanos, int granularity) {
            return Math.max(0, Long.SIZE - granularity - Long.numberOfLeadingZeros(nanos));
        }

        int at(long nanos) {
            int range = range(nanos, granularity);
            if (range < minRange) {
                return 0;
            }
            if (range > maxRange) {
                return count() - 1;
            }
            int shift = Math.max(0, range - 1);
            return (range - minRange << granularity) + ((int) (nanos >> shift) & (1 << granularity) - 1);
        }

        /** The first latency that lies above the bucket. */
        long end(int bucket) {
            int range = minRange + (bucket >> granularity);
            long index = 1L + (bucket & (1 << granularity) - 1);
            return range == 0 ? index : (1L << granularity + range - 1) + (index << range - 1);
        }
    }

    public Histogram(Buckets buckets) {
        this.buckets = buckets;
        this.counts = new long[buckets.count()];
    }

    /** Counts one latency. */
    public void tally(long nanos) {
        counts[buckets.at(nanos)]++;
    }

    /** Adds another's counts to these; the buckets are the same. */
    public void add(Histogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }

    public Buckets buckets() {
        return buckets;
    }

    /** What all buckets have counted. */
    public long total() {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }

    /** What the buckets have counted that lie wholly at or below a latency: as exact as the buckets. */
    public long upTo(long nanos) {
        long sum = 0;
        for (int i = 0; i < counts.length && buckets.end(i) <= nanos; i++) {
            sum += counts[i];
        }
        return sum;
    }

    /**
     * The latency that so many of a million stayed below, as exact as the buckets: the end of the bucket that holds it. 0
     * when nothing was counted.
     */
    public long percentileNanos(int perMillion) {
        long total = total();
        long below = total / 1_000_000 * perMillion + (total % 1_000_000 * perMillion + 999_999) / 1_000_000;
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i];
            if (counts[i] > 0 && sum >= below) {
                return buckets.end(i);
            }
        }
        return 0;
    }

    /** SPDK's form of it, as plain values: the counts as they lie in its memory, and where the buckets lie. */
    public Map<String, Object> plain() {
        ByteBuffer bytes = ByteBuffer.allocate(counts.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long count : counts) {
            bytes.putLong(count);
        }
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("histogram", Base64.getEncoder().encodeToString(bytes.array()));
        plain.put("granularity", (long) buckets.granularity);
        plain.put("min_range", (long) buckets.minRange);
        plain.put("max_range", (long) buckets.maxRange);
        plain.put("tsc_rate", TICKS_PER_SECOND);
        return plain;
    }
}
