package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.reactor.IdlePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A reactor that is stuck is named, once, with what it does. */
class WatchdogTest {
    private static void stuckHere(CountDownLatch reached, CountDownLatch release) {
        reached.countDown();
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldNameTheReactorAndWhatItDoesWhenItDoesNotAnswer() throws Exception {
        var environment = new FakeEnvironment(1);
        var loop = new EventLoop(3, environment, environment.openEventSet(), (_, _) -> {}, IdlePolicy.INTERRUPT, 0);
        var thread = new LoopThread(loop, environment, environment.clock(), 0);
        environment.start("loop", thread);
        assertTrue(thread.awaitStart(10_000));
        List<String> reports = new ArrayList<>();
        var watchdog = new Watchdog(List.of(thread), reports::add, () -> {});
        var reached = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        loop.execute(() -> stuckHere(reached, release));
        reached.await();
        for (int i = 0; i < 4; i++) {
            watchdog.checkAll();
        }
        assertEquals(1, reports.size());
        assertTrue(reports.getFirst().startsWith("reactor 3 has not answered"), reports.getFirst());
        assertTrue(reports.getFirst().contains("stuckHere"), reports.getFirst());
        release.countDown();
        loop.requestStop();
        assertTrue(thread.awaitEnd(10_000));
    }
}
