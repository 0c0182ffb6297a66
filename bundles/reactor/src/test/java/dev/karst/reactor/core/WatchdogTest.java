package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A reactor that is stuck is named, once, with what it does. */
class WatchdogTest {
    private static final class Told implements Reactors.Watcher {
        final List<String> events = new ArrayList<>();

        @Override
        public void blocked(Reactor reactor) {
            events.add("blocked " + reactor.id());
        }

        @Override
        public void answers(Reactor reactor) {
            events.add("answers " + reactor.id());
        }
    }

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
        var told = new Told();
        var watchdog = new Watchdog(List.of(thread), reports::add, told, () -> {});
        var reached = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        loop.execute(() -> stuckHere(reached, release));
        reached.await();
        watchdog.checkAll();
        // One that waits for a processor is kept by nobody.
        environment.sets.getFirst().waiting = true;
        int wakes = environment.sets.getFirst().wakes.get();
        for (int i = 0; i < 5; i++) {
            watchdog.checkAll();
        }
        assertEquals(wakes + 5, environment.sets.getFirst().wakes.get());
        environment.sets.getFirst().waiting = false;
        watchdog.checkAll();
        // Once may be the machine's fault.
        assertEquals(List.of(), reports);
        assertFalse(loop.isBlocked());
        watchdog.checkAll();
        watchdog.checkAll();
        assertEquals(1, reports.size());
        assertTrue(reports.getFirst().startsWith("reactor 3 has not answered"), reports.getFirst());
        assertTrue(reports.getFirst().contains("in the bundle of dev.karst.reactor.core"), reports.getFirst());
        assertTrue(reports.getFirst().contains("stuckHere"), reports.getFirst());
        assertTrue(loop.isBlocked());
        release.countDown();
        var answered = new CountDownLatch(1);
        loop.execute(answered::countDown);
        answered.await();
        assertFalse(loop.isBlocked());
        watchdog.checkAll();
        assertEquals(List.of("blocked 3", "answers 3"), told.events);
        loop.requestStop();
        assertTrue(thread.awaitEnd(10_000));
    }
}
