package dev.karst.reactor;

import dev.karst.base.ReactorConfined;

/** Something to run on a reactor at a time; preallocated, and reused by scheduling it again. */
@ReactorConfined
public abstract class Timer {
    /** For the reactor: when it is due, and its place among the others; -1 while it is not scheduled. */
    long dueNanos;
    int place = -1;

    /** The time has come. Runs on the reactor; may schedule itself again. */
    public abstract void expired();

    /** When it is due, while it is scheduled. */
    public final long dueNanos() {
        return dueNanos;
    }

    /** Whether it is going to run. */
    public final boolean isScheduled() {
        return place >= 0;
    }
}
