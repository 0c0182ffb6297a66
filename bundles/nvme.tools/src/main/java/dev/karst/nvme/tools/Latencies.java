package dev.karst.nvme.tools;

/** How long requests took: a histogram of 32 steps from one power of two to the next, so that a figure is at most 3 % too high. */
final class Latencies {
    private static final int STEP_BITS = 5;
    private static final int STEPS = 1 << STEP_BITS;

    private final long[] counts = new long[(Long.SIZE - STEP_BITS) * STEPS];
    private long count;
    private long sum;
    private long least = Long.MAX_VALUE;
    private long most;

    void add(long nanos) {
        counts[index(nanos)]++;
        count++;
        sum += nanos;
        least = Math.min(least, nanos);
        most = Math.max(most, nanos);
    }

    private static int index(long nanos) {
        if (nanos < STEPS) {
            return (int) nanos;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - STEP_BITS;
        return (shift + 1 << STEP_BITS) + (int) (nanos >>> shift) - STEPS;
    }

    /** The longest time of that step. */
    private static long end(int index) {
        if (index < STEPS) {
            return index;
        }
        int shift = (index >> STEP_BITS) - 1;
        return ((long) (STEPS + (index & STEPS - 1) + 1) << shift) - 1;
    }

    /** So many of a hundred took no longer, nanoseconds; 0 when there are none. */
    long percentile(double percent) {
        long wanted = (long) Math.ceil(count * percent / 100);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return Math.min(most, end(i));
            }
        }
        return 0;
    }

    /** Puts the others in with these. */
    void add(Latencies others) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += others.counts[i];
        }
        count += others.count;
        sum += others.sum;
        least = Math.min(least, others.least);
        most = Math.max(most, others.most);
    }

    long count() {
        return count;
    }

    long mean() {
        return count == 0 ? 0 : sum / count;
    }

    long least() {
        return count == 0 ? 0 : least;
    }

    long most() {
        return most;
    }
}
