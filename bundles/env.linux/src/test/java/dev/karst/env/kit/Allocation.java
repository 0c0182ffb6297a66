package dev.karst.env.kit;

import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Holds code against the rule that the I/O path allocates nothing. */
public final class Allocation {
    /** The interpreter allocates for a downcall; compiled code does not. So many rounds are granted to the compiler. */
    private static final int ROUNDS = 200;

    private Allocation() {}

    /** Passes as soon as one round of the work has allocated nothing on this thread. */
    public static void assertNoneOnceWarm(Runnable round) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS && least > 0; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            round.run();
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        if (least > 0) {
            fail("each of " + ROUNDS + " rounds allocated " + least + " bytes at least");
        }
    }
}
