package dev.karst.vhost.device;

/**
 * How long a driver may wait to be told of what came back while much does: {@code delayBaseUs} times the part by which the requests of a
 * queue in a second are more than {@code iopsThreshold}.
 *
 * @param delayBaseUs 0 to tell at once always; up to {@link #MOST_DELAY_US}
 * @param iopsThreshold at least {@link #LEAST_IOPS}
 */
public record Coalescing(long delayBaseUs, long iopsThreshold) {
    public static final long LEAST_IOPS = 100;
    public static final long MOST_DELAY_US = 1_000_000;
    /** What holds at first, as with SPDK. */
    public static final Coalescing NONE = new Coalescing(0, 60_000);

    private static final long NANOS_PER_US = 1000;
    /** A driver never waits longer than this. */
    private static final long MOST_NANOS = 10_000_000;

    /** How long to wait at this rate, in nanoseconds. */
    public long delayNanos(long iops) {
        double over = Math.max(iops - iopsThreshold, 0) / (double) iopsThreshold;
        return (long) Math.min(delayBaseUs * NANOS_PER_US * over, MOST_NANOS);
    }
}
