package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.FileOp;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Message;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The loop without its thread. */
class EventLoopTest {
    private static final long SPIN = 100_000;

    private final FakeEnvironment environment = new FakeEnvironment(2);
    private final List<String> log = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private EventLoop loop;
    private FakeEventSet events;

    @BeforeEach
    void makeLoop() {
        environment.clock.set(1_000_000);
        events = (FakeEventSet) environment.openEventSet();
        loop = new EventLoop(0, environment, events, (_, failure) -> failures.add(failure), IdlePolicy.ADAPTIVE, SPIN);
        loop.enter();
    }

    private Message message(Runnable body) {
        return new Message() {
            @Override
            public void run() {
                body.run();
            }
        };
    }

    private static Poller poller(IntSupplier body, boolean announces) {
        return new Poller() {
            @Override
            public int poll() {
                return body.getAsInt();
            }

            @Override
            public boolean announcesWork() {
                return announces;
            }
        };
    }

    private Poller noting(String name) {
        return poller(() -> {
            log.add(name);
            return 0;
        }, true);
    }

    private Timer timer(Runnable body) {
        return new Timer() {
            @Override
            public void expired() {
                body.run();
            }
        };
    }

    private void idleRounds(int count) {
        for (int i = 0; i < count; i++) {
            assertFalse(loop.round());
        }
    }

    @Test
    void shouldRunMessagesPollersFilesEventsAndTimersInThatOrder() throws Exception {
        loop.send(message(() -> log.add("message")));
        loop.add(noting("poller"));
        loop.fileRing().submit(new FileOp() {
            @Override
            public void completed(int result) {
                log.add("file");
            }
        });
        events.source = () -> log.add("event");
        loop.schedule(timer(() -> log.add("timer")), 0);
        for (int i = 0; i < EventLoop.EVENTS_EVERY; i++) {
            loop.round();
        }
        log.removeIf(entry -> entry.equals("poller"));
        assertEquals(List.of("message", "file", "timer", "event"), log);
    }

    @Test
    void shouldAskTheEventSetInARoundThatFoundNothingElse() {
        events.source = () -> log.add("event");
        assertTrue(loop.round());
        assertEquals(List.of("event"), log);
    }

    @Test
    void shouldAskTheEventSetSeldomWhenAPollerDoesNotAnnounceItsWork() {
        loop.add(poller(() -> 0, false));
        loop.round();
        events.source = () -> log.add("event");
        idleRounds(EventLoop.EVENTS_EVERY_POLLING - 1);
        assertEquals(List.of(), log);
        loop.round();
        assertEquals(List.of("event"), log);
        events.source = () -> log.add("later");
        environment.clock.set(1_005_000);
        loop.round();
        assertEquals(List.of("event", "later"), log);
    }

    @Test
    void shouldRunDeferredMessagesInTheSameRoundAfterTheOneThatRuns() {
        loop.send(message(() -> {
            loop.defer(message(() -> log.add("deferred")));
            log.add("message");
        }));
        loop.round();
        assertEquals(List.of("message", "deferred"), log);
    }

    @Test
    void shouldEndTheRoundWhenADeferredMessageDefersItselfForEver() {
        Message again = new Message() {
            @Override
            public void run() {
                log.add("again");
                loop.defer(this);
            }
        };
        loop.defer(again);
        loop.round();
        assertEquals(EventLoop.DEFERRED_PER_ROUND, log.size());
        assertTrue(loop.hasWork());
    }

    @Test
    void shouldLeaveMessagesForTheNextRoundWhenThereAreMany() {
        for (int i = 0; i <= EventLoop.MESSAGES_PER_ROUND; i++) {
            loop.send(message(() -> log.add("message")));
        }
        loop.round();
        assertEquals(EventLoop.MESSAGES_PER_ROUND, log.size());
        assertFalse(loop.fallAsleep());
        loop.round();
        assertEquals(EventLoop.MESSAGES_PER_ROUND + 1, log.size());
    }

    @Test
    void shouldNotAskAPollerAgainWhenAnotherRemovedItInTheRound() {
        Poller victim = noting("victim");
        Poller self = new Poller() {
            @Override
            public int poll() {
                log.add("self");
                loop.remove(victim);
                loop.remove(this);
                loop.add(noting("added"));
                return 1;
            }
        };
        loop.add(noting("first"));
        loop.add(self);
        loop.add(victim);
        loop.add(noting("last"));
        loop.round();
        assertEquals(List.of("first", "self", "last"), log);
        loop.round();
        assertEquals(List.of("first", "self", "last", "first", "last", "added"), log);
        assertEquals(3, loop.statistics().pollers());
    }

    @Test
    void shouldKeepAskingTheOtherPollersWhenOneThrowsEveryTime() {
        loop.add(poller(() -> {
            throw new IllegalStateException("planted");
        }, true));
        loop.add(noting("healthy"));
        loop.schedule(timer(() -> log.add("timer")), 0);
        loop.round();
        loop.round();
        assertEquals(List.of("healthy", "timer", "healthy"), log);
        assertEquals(2, failures.size());
        assertEquals(2, loop.statistics().failures());
    }

    @Test
    void shouldRunTheRestWhenAMessageATimerAndADeferredThrow() {
        Runnable bad = () -> {
            throw new AssertionError("planted");
        };
        loop.send(message(bad));
        loop.send(message(() -> log.add("message")));
        loop.defer(message(bad));
        loop.defer(message(() -> log.add("deferred")));
        loop.schedule(timer(bad), 0);
        loop.schedule(timer(() -> log.add("timer")), 0);
        loop.round();
        loop.round();
        assertEquals(3, failures.size());
        assertEquals(List.of("deferred", "message", "timer"), log);
    }

    @Test
    void shouldRunATimerWhenItIsDueAndNotBefore() {
        loop.schedule(timer(() -> log.add("timer")), 500);
        environment.clock.set(1_000_499);
        idleRounds(1);
        environment.clock.set(1_000_500);
        assertTrue(loop.round());
        assertEquals(List.of("timer"), log);
    }

    @Test
    void shouldRunATimerOnceARoundWhenItSchedulesItselfForNow() {
        loop.schedule(new Timer() {
            @Override
            public void expired() {
                log.add("timer");
                loop.schedule(this, 0);
            }
        }, 0);
        loop.round();
        assertEquals(1, log.size());
    }

    @Test
    void shouldSpinForItsTimeAndThenRestUntilTheNextTimerWhenAdaptive() {
        loop.schedule(timer(() -> {}), 10 * SPIN);
        loop.round();
        assertEquals(0, loop.restNanos());
        environment.clock.set(1_000_000 + SPIN);
        loop.round();
        assertEquals(9 * SPIN, loop.restNanos());
    }

    @Test
    void shouldSpinAnewWhenWorkCameInBetween() {
        loop.round();
        environment.clock.set(1_000_000 + SPIN);
        loop.send(message(() -> {}));
        loop.round();
        loop.round();
        assertEquals(0, loop.restNanos());
        environment.clock.set(1_000_000 + 2 * SPIN);
        loop.round();
        assertEquals(Long.MAX_VALUE, loop.restNanos());
    }

    @Test
    void shouldNeverRestWhenThePolicyIsPollAndAtOnceWhenItIsInterrupt() {
        loop.idlePolicy(IdlePolicy.POLL);
        loop.round();
        environment.clock.set(1_000_000_000);
        loop.round();
        assertEquals(0, loop.restNanos());
        loop.idlePolicy(IdlePolicy.INTERRUPT);
        loop.round();
        loop.round();
        assertEquals(Long.MAX_VALUE, loop.restNanos());
    }

    @Test
    void shouldOnlyNapWhenAPollerDoesNotAnnounceItsWork() {
        loop.idlePolicy(IdlePolicy.INTERRUPT);
        loop.add(poller(() -> 0, false));
        loop.round();
        loop.round();
        assertEquals(Reactor.NAP_NANOS, loop.restNanos());
    }

    @Test
    void shouldNotFallAsleepWhenAMessageCameAfterTheRound() {
        loop.round();
        loop.send(message(() -> {}));
        assertFalse(loop.fallAsleep());
        assertEquals(0, events.wakes.get());
    }

    @Test
    void shouldWakeOnceWhenManySendToASleeper() {
        loop.round();
        assertTrue(loop.fallAsleep());
        for (int i = 0; i < 10; i++) {
            loop.send(message(() -> {}));
        }
        assertEquals(1, events.wakes.get());
    }

    @Test
    void shouldSetATimerFromTheTimeOfTheEventWhenItCameAfterALongSleep() {
        loop.round();
        events.source = () -> {
            environment.clock.set(5_000_000_000L);
            loop.schedule(timer(() -> log.add("timer")), 1000);
        };
        loop.sleep(1);
        loop.round();
        assertEquals(List.of(), log);
        environment.clock.set(5_000_001_000L);
        loop.round();
        assertEquals(List.of("timer"), log);
    }

    @Test
    void shouldCountTimeInBusyRoundsAsBusyAndSleepAsIdle() {
        loop.send(message(() -> environment.clock.set(1_000_300)));
        loop.round();
        loop.round();
        environment.clock.set(1_000_400);
        loop.round();
        events.source = () -> environment.clock.set(2_000_400);
        loop.sleep(1);
        loop.round();
        assertEquals(300, loop.statistics().busyNanos());
        assertEquals(1_000_100, loop.statistics().idleNanos());
        assertEquals(300, loop.statistics().longestRoundNanos());
        assertEquals(1, loop.statistics().sleeps());
    }
}
