package dev.karst.env.sim;

import dev.karst.base.Clock;

/** Virtual time: it stands still until whoever drives the simulation moves it. */
public final class SimClock extends Clock {
    /** Start of the monotonic clock: not 0, so that a forgotten initial value shows. */
    private static final long START_NANOS = 1_000_000_000_000L;
    /** Start of the wall clock: 2026-01-01T00:00:00Z. */
    private static final long START_WALL_MS = 1_767_225_600_000L;

    private long now = START_NANOS;

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public long wallMs() {
        return START_WALL_MS + elapsedNanos() / 1_000_000;
    }

    /** Virtual time since the simulation began. */
    public long elapsedNanos() {
        return now - START_NANOS;
    }

    /** Moves on. */
    public void advance(long nanos) {
        now += nanos;
    }

    /** Moves on to that time; a time that has passed changes nothing. */
    public void advanceTo(long nanos) {
        now = Math.max(now, nanos);
    }
}
