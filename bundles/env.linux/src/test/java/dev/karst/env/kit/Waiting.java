package dev.karst.env.kit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.Environment;
import dev.karst.env.EventSet;

/** Sleeps that something is to end. */
public final class Waiting {
    private static final long LIMIT_NANOS = 30_000_000_000L;

    private Waiting() {}

    /**
     * Polls until something happens, and fails when nothing does: a lost wake-up is a failure then and no hanging
     * build.
     */
    public static int sleep(Environment environment, EventSet events) {
        long begin = environment.clock().nanos();
        int ready = events.poll(LIMIT_NANOS);
        assertTrue(environment.clock().nanos() - begin < LIMIT_NANOS, "nothing ended the sleep");
        return ready;
    }
}
