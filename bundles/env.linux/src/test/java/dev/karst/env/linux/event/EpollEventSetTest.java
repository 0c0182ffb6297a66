package dev.karst.env.linux.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.MpscQueue;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.StreamSocket;
import dev.karst.env.kit.Allocation;
import dev.karst.env.kit.Waiting;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.env.linux.net.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EpollEventSetTest {
    private static final int PRODUCERS = 3;
    private static final int MESSAGES = 20_000;

    private final Environment environment = new LinuxEnvironment();
    private final List<Pair> pairs = new ArrayList<>();
    private EventSet events;

    @BeforeEach
    void open() throws StorageException {
        events = environment.openEventSet();
    }

    @AfterEach
    void close() {
        pairs.forEach(Pair::close);
        events.close();
    }

    private Pair pair() throws StorageException {
        pairs.add(Pair.open(environment));
        return pairs.getLast();
    }

    /** Counts what it is told. */
    private static class Counter extends Readiness {
        int readable;
        int writable;

        @Override
        public void readable() {
            readable++;
        }

        @Override
        public void writable() {
            writable++;
        }
    }

    @Test
    void shouldReturnAtOnceWhenWokenBefore() {
        events.wake();
        assertEquals(0, events.poll(Long.MAX_VALUE));
    }

    @Test
    void shouldKeepTheWakeUpWhenPollDidNotWait() {
        events.wake();
        events.poll(0);
        assertEquals(0, events.poll(Long.MAX_VALUE));
    }

    @Test
    void shouldReturnWhenWokenFromAnotherThread() {
        environment.threads().start("waker", events::wake);
        assertEquals(0, events.poll(Long.MAX_VALUE));
    }

    @Test
    void shouldWaitForTheWholeTimeWhenNothingHappens() {
        for (long nanos : new long[] {1, 50_000, 700_000, 3_000_000}) {
            long begin = environment.clock().nanos();
            assertEquals(0, events.poll(nanos));
            assertTrue(environment.clock().nanos() - begin >= nanos);
        }
    }

    @Test
    void shouldLoseNoMessageWhenManyThreadsWakeASleeper() {
        var queue = new MpscQueue<MpscQueue.Node>();
        for (int p = 0; p < PRODUCERS; p++) {
            environment.threads().start("producer-" + p, () -> {
                for (int i = 0; i < MESSAGES; i++) {
                    queue.push(new MpscQueue.Node());
                    events.wake();
                    if (i % 7 == 0) {
                        Thread.yield();
                    }
                }
            });
        }
        int received = 0;
        while (received < PRODUCERS * MESSAGES) {
            if (queue.pop() != null) {
                received++;
            } else {
                Waiting.sleep(environment, events);
            }
        }
        assertEquals(null, queue.pop());
    }

    @Test
    void shouldPassTheTurnWhenTwoSleepersWakeEachOther() throws StorageException {
        EventSet other = environment.openEventSet();
        var turn = new AtomicInteger();
        int turns = 1_000;
        environment.threads().start("other", () -> alternate(other, events, turn, 1, turns));
        alternate(events, other, turn, 0, turns);
        while (turn.get() < turns) {
            Waiting.sleep(environment, events);
        }
        other.close();
    }

    private void alternate(EventSet mine, EventSet other, AtomicInteger turn, int parity, int turns) {
        for (int now = turn.get(); now < turns; now = turn.get()) {
            if (now % 2 == parity) {
                turn.set(now + 1);
                other.wake();
            } else {
                Waiting.sleep(environment, mine);
            }
        }
    }

    @Test
    void shouldDoNothingWhenWokenAfterItWasClosed() throws StorageException {
        EventSet other = environment.openEventSet();
        other.close();
        other.wake();
        other.close();
    }

    @Test
    void shouldTellOnceWhenDataArrives() throws StorageException {
        Pair pair = readyPair();
        var counter = new Counter();
        pair.accepted().watch(events, counter);
        assertEquals(1, events.poll(0));
        assertEquals(1, counter.readable);
        assertEquals(0, events.poll(0));
    }

    @Test
    void shouldTellNobodyWhenTheWatchEndedInTheSameBatch() throws StorageException {
        Pair one = readyPair();
        Pair two = readyPair();
        var first = new Counter();
        var second = new Counter();
        one.accepted().watch(events, ending(first, two.accepted()));
        two.accepted().watch(events, ending(second, one.accepted()));
        assertEquals(1, events.poll(0));
        assertEquals(1, first.readable + second.readable);
        assertEquals(0, events.poll(0));
    }

    private Pair readyPair() throws StorageException {
        Pair pair = pair();
        pair.send("x");
        pair.untilArrived();
        return pair;
    }

    private static Readiness ending(Counter counter, StreamSocket other) {
        return new Readiness() {
            @Override
            public void readable() {
                counter.readable();
                other.unwatch();
            }
        };
    }

    @Test
    void shouldNotTellTheNewOwnerOfADescriptorWhenTheEventWasForTheOld() throws StorageException {
        Pair one = readyPair();
        Pair two = readyPair();
        var fresh = new Counter();
        var told = new Counter();
        one.accepted().watch(events, replacing(told, two, fresh));
        two.accepted().watch(events, replacing(told, one, fresh));
        assertEquals(1, events.poll(0));
        assertEquals(1, told.readable);
        assertEquals(0, fresh.readable + fresh.writable);
    }

    /** Closes a connection that has an event in the batch, and opens one that gets its descriptor. */
    private Readiness replacing(Counter told, Pair other, Counter fresh) {
        return new Readiness() {
            @Override
            public void readable() {
                told.readable();
                other.accepted().close();
                try {
                    Pair pair = pair();
                    pair.client().watch(events, fresh);
                    pair.accepted().watch(events, fresh);
                } catch (StorageException e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    @Test
    void shouldNotTellWritableWhenReadableClosedTheSocket() throws StorageException {
        Pair pair = readyPair();
        var counter = new Counter() {
            @Override
            public void readable() {
                super.readable();
                pair.accepted().close();
            }
        };
        pair.accepted().watch(events, counter);
        assertEquals(1, events.poll(0));
        assertEquals(1, counter.readable);
        assertEquals(0, counter.writable);
    }

    @Test
    void shouldTellTheOthersAtTheNextPollWhenOneThrows() throws StorageException {
        var counter = new Counter() {
            @Override
            public void readable() {
                super.readable();
                throw new IllegalStateException("planted");
            }
        };
        for (int i = 0; i < 3; i++) {
            readyPair().accepted().watch(events, counter);
        }
        for (int i = 0; i < 3; i++) {
            assertThrows(IllegalStateException.class, () -> events.poll(0));
        }
        assertEquals(3, counter.readable);
        assertEquals(0, events.poll(0));
    }

    @Test
    void shouldTellAllWhenMoreAreReadyThanFitABatch() throws StorageException {
        var counter = new Counter();
        for (int i = 0; i < 100; i++) {
            readyPair().accepted().watch(events, counter);
        }
        int told = 0;
        while (told < 100) {
            told += Waiting.sleep(environment, events);
        }
        assertEquals(100, counter.readable);
    }

    @Test
    void shouldAllocateNothingWhenWarm() throws StorageException {
        pair().accepted().watch(events, new Counter());
        Allocation.assertNoneOnceWarm(() -> {
            for (int i = 0; i < 5000; i++) {
                events.wake();
                events.poll(1000);
                events.poll(0);
            }
        });
    }
}
