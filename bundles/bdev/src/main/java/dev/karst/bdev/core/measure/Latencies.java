package dev.karst.bdev.core.measure;

import dev.karst.base.Clock;
import dev.karst.base.Histogram;
import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;

/** The histograms of one lane while they are on: of what reads, of what writes, and of the rest. Allocates nothing later. */
@ReactorConfined
public final class Latencies {
    private final Settings settings;
    private final Clock clock;
    private final Histogram[] histograms = new Histogram[Direction.values().length];

    /** What is told apart. */
    public enum Direction {
        READ,
        WRITE,
        OTHER;

        static Direction of(IoType type) {
            return type == IoType.READ ? READ : type == IoType.WRITE ? WRITE : OTHER;
        }
    }

    /**
     * What is counted.
     *
     * @param only the only type that is counted; null for all
     * @param granularity binary logarithm of the buckets of one range
     * @param minNanos the least that is told apart
     * @param maxNanos above the most that is told apart
     */
    public record Settings(IoType only, int granularity, long minNanos, long maxNanos) {
        public Histogram.Buckets buckets() {
            return Histogram.Buckets.of(granularity, minNanos, maxNanos);
        }
    }

    public Latencies(Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        for (int i = 0; i < histograms.length; i++) {
            histograms[i] = new Histogram(settings.buckets());
        }
    }

    /** The time now, not that of the round: an I/O that begins and ends in one round took some. */
    public long nowNanos() {
        return clock.nanos();
    }

    /** An I/O has ended. */
    public void ended(BdevIo io, long nowNanos) {
        if (settings.only == null || settings.only == io.type) {
            histograms[Direction.of(io.type).ordinal()].tally(Math.max(0, nowNanos - io.startNanos()));
        }
    }

    public Histogram of(Direction direction) {
        return histograms[direction.ordinal()];
    }

    /** Adds another lane's counts to these, if they are of the same settings. */
    public void add(Latencies other) {
        if (settings.equals(other.settings)) {
            for (int i = 0; i < histograms.length; i++) {
                histograms[i].add(other.histograms[i]);
            }
        }
    }
}
