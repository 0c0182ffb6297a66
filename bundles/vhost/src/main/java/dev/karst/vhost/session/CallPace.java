package dev.karst.vhost.session;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.vhost.device.Coalescing;
import java.util.function.Supplier;

/** How soon the driver of a queue is told again; follows from how many requests ended in the last moment. */
@ReactorConfined
final class CallPace extends Timer {
    private static final long MEASURE_NANOS = 10_000_000;
    private static final long SECOND_NANOS = 1_000_000_000;

    private final Reactor reactor;
    private final Supplier<Coalescing> setting;
    private final Runnable call;
    private long measuredNanos;
    private long ended;
    private long delayNanos;
    private long nextNanos;
    private boolean stopped;

    /** Reads the setting now and then; {@code call} runs when the driver may be told after it could not. */
    CallPace(Reactor reactor, Supplier<Coalescing> setting, Runnable call) {
        this.reactor = reactor;
        this.setting = setting;
        this.call = call;
        measuredNanos = reactor.nowNanos();
        nextNanos = measuredNanos;
    }

    /** A request ended. */
    void count() {
        ended++;
    }

    /** Whether the driver may be told now; otherwise {@code call} runs as soon as it may. */
    boolean isDue() {
        long now = reactor.nowNanos();
        if (now - measuredNanos >= MEASURE_NANOS) {
            measure(now);
        }
        if (!stopped && now - nextNanos < 0) {
            if (!isScheduled()) {
                reactor.schedule(this, nextNanos - now);
            }
            return false;
        }
        nextNanos = now + delayNanos;
        return true;
    }

    private void measure(long now) {
        Coalescing coalescing = setting.get();
        delayNanos = coalescing.delayBaseUs() == 0 ? 0 : coalescing.delayNanos(ended * SECOND_NANOS / (now - measuredNanos));
        measuredNanos = now;
        ended = 0;
    }

    /** From now on the driver may be told always; whether it waits to be. */
    boolean stop() {
        stopped = true;
        boolean waits = isScheduled();
        if (waits) {
            reactor.cancel(this);
        }
        return waits;
    }

    @Override
    public void expired() {
        call.run();
    }
}
