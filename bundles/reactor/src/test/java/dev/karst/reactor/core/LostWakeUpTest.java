package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Message;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * One reactor that sleeps at once, one producer, and nobody else who could wake the reactor by chance: a lost wake-up
 * stays lost. The producer aims at the moments around falling asleep. Tried by hand on a loop that looks for work before
 * it says that it sleeps, and not after: found in 6 of 10 runs on two busy processors.
 */
class LostWakeUpTest {
    private static final int MESSAGES = 300_000;
    private static final long LOST_NANOS = 10_000_000_000L;

    private static final class Count extends Message {
        private volatile int ran;

        @Override
        public void run() {
            ran++;
        }
    }

    @Test
    void shouldMissNoWakeUpWhenTheReactorFallsAsleepAsTheMessageComes() throws Exception {
        var environment = new FakeEnvironment(1);
        var loop = new EventLoop(0, environment, environment.openEventSet(), (_, _) -> {}, IdlePolicy.INTERRUPT, 0);
        var thread = new LoopThread(loop, environment, environment.clock(), 0);
        environment.start("loop", thread);
        assertTrue(thread.awaitStart(10_000));
        assertEquals(MESSAGES, send(loop));
        loop.requestStop();
        assertTrue(thread.awaitEnd(10_000));
        assertTrue(loop.statistics().sleeps() > MESSAGES / 20, "sleeps: " + loop.statistics().sleeps());
    }

    /** Returns how many were run before the first that was lost. */
    private static int send(EventLoop loop) {
        var random = new SplittableRandom(1);
        var message = new Count();
        for (int n = 1; n <= MESSAGES; n++) {
            loop.send(message);
            long deadline = System.nanoTime() + LOST_NANOS;
            for (int spins = 1; message.ran < n; spins++) {
                if (spins % 1000 == 0 && System.nanoTime() > deadline) {
                    return n - 1;
                }
                Thread.onSpinWait();
            }
            for (int pause = random.nextInt(32); pause > 0; pause--) {
                Thread.onSpinWait();
            }
        }
        return MESSAGES;
    }
}
