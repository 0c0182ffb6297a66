package dev.karst.bdev.core.measure;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.List;

/**
 * Looks from time to time how much I/O of a device is under way, all reactors together. Lives on one reactor, which alone
 * writes its figures; a device that is not sampled has no timer.
 */
@ReactorConfined
public final class QueueDepth extends Timer {
    private final Reactor home;
    private final List<Counters> lanes;
    private long periodMicros;
    private long lastNanos;
    private long depth;
    private long busyNanos;
    private long weightedNanos;

    /**
     * What was seen.
     *
     * @param periodMicros how often is looked; 0 for never
     * @param depth I/Os at the last look
     * @param busyNanos for how long there was any
     * @param weightedNanos the same, each moment counted as often as there were I/Os
     */
    public record Sample(long periodMicros, long depth, long busyNanos, long weightedNanos) {}

    public QueueDepth(Reactor home, List<Counters> lanes) {
        this.home = home;
        this.lanes = lanes;
    }

    /** Looks so often from now on, and counts from zero; 0 for never. On its reactor. */
    public void sample(long periodMicros) {
        home.cancel(this);
        this.periodMicros = periodMicros;
        depth = 0;
        reset();
        lastNanos = home.nowNanos();
        if (periodMicros > 0) {
            home.schedule(this, periodMicros * 1000);
        }
    }

    /** Counts from zero. On its reactor. */
    public void reset() {
        busyNanos = 0;
        weightedNanos = 0;
    }

    /** What was seen so far. On its reactor. */
    public Sample seen() {
        return new Sample(periodMicros, depth, busyNanos, weightedNanos);
    }

    @Override
    public void expired() {
        depth = 0;
        for (int i = 0; i < lanes.size(); i++) {
            depth += lanes.get(i).outstanding();
        }
        long now = home.nowNanos();
        long passed = now - lastNanos;
        lastNanos = now;
        busyNanos += depth > 0 ? passed : 0;
        weightedNanos += passed * depth;
        home.schedule(this, periodMicros * 1000);
    }
}
