package dev.karst.reactor.core;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.ReactorStatistics;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** What a reactor counts: written by it alone, without fences, and read by any thread, slightly old. */
@ReactorConfined
final class LoopCounters {
    static final int BUSY_NANOS = 0;
    static final int IDLE_NANOS = 1;
    static final int ROUNDS = 2;
    static final int SLEEPS = 3;
    static final int MESSAGES = 4;
    static final int FAILURES = 5;
    static final int POLLERS = 6;
    static final int TIMERS = 7;
    static final int LONGEST_ROUND_NANOS = 8;
    private static final int COUNT = 9;
    /** Room at both ends, so that no other thread's data shares a cache line. */
    private static final int PADDING = 16;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] values = new long[PADDING + COUNT + PADDING];

    void add(int counter, long amount) {
        set(counter, values[PADDING + counter] + amount);
    }

    void set(int counter, long value) {
        LONGS.setOpaque(values, PADDING + counter, value);
    }

    void raise(int counter, long value) {
        if (value > values[PADDING + counter]) {
            set(counter, value);
        }
    }

    /** Any thread. */
    long get(int counter) {
        return (long) LONGS.getOpaque(values, PADDING + counter);
    }

    /** Any thread. */
    ReactorStatistics statistics() {
        return new ReactorStatistics(
            get(BUSY_NANOS), get(IDLE_NANOS), get(ROUNDS), get(SLEEPS), get(MESSAGES), get(FAILURES), (int) get(POLLERS),
            get(LONGEST_ROUND_NANOS));
    }
}
