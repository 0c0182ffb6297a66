package dev.karst.vhost.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Struct;
import dev.karst.spec.vhostuser.InflightPackedEntry;
import dev.karst.spec.vhostuser.InflightPackedQueue;
import dev.karst.spec.vhostuser.InflightSplitEntry;
import dev.karst.spec.vhostuser.InflightSplitQueue;
import dev.karst.spec.virtio.Feature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Front-ends that write to the memory of requests in flight before somebody takes the ring over: rows V-25 and V-26 of the table of bad
 * inputs. Each chain is given out once at most, or the ring breaks; nobody follows a list for ever.
 */
class InflightLiesTest {
    private static final int ANY = 7;
    private static final int FAR = 0xffff;
    private static final int SIZE = RingMemory.SIZE;

    /** What comes of a lie. */
    private enum Outcome {
        /** Requests 1 and 3 are begun again, in this order. */
        IN_ORDER,
        /** They are begun again, in some order. */
        AGAIN,
        /** The ring goes on, with whatever was said to be in flight. */
        BELIEVED,
        /** The memory is another one's: nothing is begun again. */
        FORGOTTEN,
        BROKEN
    }

    @FunctionalInterface
    private interface Change {
        void in(long memory);
    }

    /** Lies about a split ring of which requests 1 and 3 are in flight, and 2 has come back. */
    private enum SplitLie {
        NONE(Outcome.IN_ORDER, _ -> { }),
        VERSION(Outcome.FORGOTTEN, at -> InflightSplitQueue.VERSION.set(at, ANY)),
        FEWER_DESCRIPTORS(Outcome.FORGOTTEN, at -> InflightSplitQueue.DESC_NUM.set(at, SIZE / 2)),
        MORE_DESCRIPTORS(Outcome.FORGOTTEN, at -> InflightSplitQueue.DESC_NUM.set(at, FAR)),
        COUNTERS_BEYOND_ALL(Outcome.AGAIN, at -> all(at, InflightSplitEntry.COUNTER, -1)),
        COUNTERS_AT_THE_END(Outcome.AGAIN, at -> all(at, InflightSplitEntry.COUNTER, Long.MAX_VALUE)),
        COUNTERS_ALIKE(Outcome.AGAIN, at -> all(at, InflightSplitEntry.COUNTER, ANY)),
        FLAGS_OF_ANY_VALUE(Outcome.BELIEVED, at -> all(at, InflightSplitEntry.INFLIGHT, 0x80)),
        ALL_IN_FLIGHT(Outcome.BELIEVED, at -> all(at, InflightSplitEntry.INFLIGHT, 1)),
        BATCH_OUTSIDE(Outcome.IN_ORDER, at -> {
            InflightSplitQueue.USED_IDX.set(at, 0);
            InflightSplitQueue.LAST_BATCH_HEAD.set(at, SIZE);
        }),
        BATCH_IN_A_LOOP(Outcome.BELIEVED, at -> {
            InflightSplitQueue.USED_IDX.set(at, 2);
            for (int i = 0; i < SIZE; i++) {
                InflightSplitEntry.NEXT.set(split(at, i), i);
            }
        }),
        BATCH_LEADS_OUTSIDE(Outcome.BELIEVED, at -> {
            InflightSplitQueue.USED_IDX.set(at, ANY);
            all(at, InflightSplitEntry.NEXT, FAR);
        });

        private final Outcome outcome;
        private final Change change;

        SplitLie(Outcome outcome, Change change) {
            this.outcome = outcome;
            this.change = change;
        }

        private static long split(long at, int entry) {
            return at + InflightSplitQueue.BYTES + (long) entry * InflightSplitEntry.BYTES;
        }

        /** Sets a field of all entries; a flag only where it would make a difference. */
        private static void all(long at, Struct.U64le field, long value) {
            IntStream.range(0, SIZE).forEach(i -> field.set(split(at, i), value));
        }

        private static void all(long at, Struct.U16le field, int value) {
            IntStream.range(0, SIZE).forEach(i -> field.set(split(at, i), value));
        }

        private static void all(long at, Struct.U8 field, int value) {
            IntStream.range(0, SIZE).forEach(i -> field.set(split(at, i), value));
        }
    }

    /** The same of a packed ring; its entries 0 and 1 have the descriptors of request 1, 4 and 5 those of 3. */
    private enum PackedLie {
        NONE(Outcome.IN_ORDER, _ -> { }),
        VERSION(Outcome.FORGOTTEN, at -> InflightPackedQueue.VERSION.set(at, ANY)),
        DESCRIPTORS(Outcome.FORGOTTEN, at -> InflightPackedQueue.DESC_NUM.set(at, SIZE - 1)),
        COUNTERS_BEYOND_ALL(Outcome.AGAIN, at -> both(at, InflightPackedEntry.COUNTER, -1)),
        COUNTERS_AT_THE_END(Outcome.AGAIN, at -> both(at, InflightPackedEntry.COUNTER, Long.MAX_VALUE)),
        COUNTERS_ALIKE(Outcome.AGAIN, at -> both(at, InflightPackedEntry.COUNTER, ANY)),
        USED_INDEX_OUTSIDE(Outcome.BROKEN, at -> InflightPackedQueue.USED_IDX.set(at, SIZE)),
        OLD_USED_INDEX_OUTSIDE(Outcome.BROKEN, at -> InflightPackedQueue.OLD_USED_IDX.set(at, FAR)),
        FREE_HEAD_OUTSIDE(Outcome.IN_ORDER, at -> {
            InflightPackedQueue.FREE_HEAD.set(at, FAR);
            InflightPackedQueue.OLD_FREE_HEAD.set(at, SIZE);
        }),
        FREE_LIST_IN_A_LOOP(Outcome.IN_ORDER, at -> InflightPackedEntry.NEXT.set(packed(at, 7), 7)),
        NO_DESCRIPTORS(Outcome.BROKEN, at -> InflightPackedEntry.NUM.set(packed(at, 0), 0)),
        TOO_MANY_DESCRIPTORS(Outcome.BROKEN, at -> InflightPackedEntry.NUM.set(packed(at, 0), FAR)),
        CHAIN_IN_A_LOOP(Outcome.BROKEN, at -> InflightPackedEntry.NEXT.set(packed(at, 0), 0)),
        CHAIN_LEADS_OUTSIDE(Outcome.BROKEN, at -> InflightPackedEntry.NEXT.set(packed(at, 0), SIZE)),
        CHAINS_THAT_MEET(Outcome.BROKEN, at -> InflightPackedEntry.NEXT.set(packed(at, 0), 5)),
        HEAD_IN_A_CHAIN(Outcome.BROKEN, at -> InflightPackedEntry.INFLIGHT.set(packed(at, 1), 1)),
        ID_TWICE(Outcome.BROKEN, at -> {
            InflightPackedEntry.ID.set(packed(at, 1), ANY);
            InflightPackedEntry.ID.set(packed(at, 5), ANY);
        }),
        ID_OUTSIDE(Outcome.BROKEN, at -> InflightPackedEntry.ID.set(packed(at, 1), SIZE)),
        LAST_OUTSIDE(Outcome.IN_ORDER, at -> InflightPackedEntry.LAST.set(packed(at, 0), FAR));

        private final Outcome outcome;
        private final Change change;

        PackedLie(Outcome outcome, Change change) {
            this.outcome = outcome;
            this.change = change;
        }

        private static long packed(long at, int entry) {
            return at + InflightPackedQueue.BYTES + (long) entry * InflightPackedEntry.BYTES;
        }

        private static void both(long at, Struct.U64le field, long value) {
            field.set(packed(at, 0), value);
            field.set(packed(at, 4), value);
        }
    }

    private static void play(long features, Change lie, Outcome outcome) {
        try (var memory = new RingMemory()) {
            CrashDriver driver = CrashDriver.of(memory, features);
            driver.ask(2);
            driver.ask(2);
            driver.ask(2);
            Ring before = memory.ringThatKeeps(features);
            before.take();
            Chain second = before.take();
            before.take();
            before.put(second, 1);
            before.publish();
            lie.in(memory.inflight());
            Ring after = memory.ringThatKeeps(features);
            List<Integer> again = takeAll(after);
            switch (outcome) {
                case IN_ORDER -> assertEquals(List.of(1, 3), again);
                case AGAIN -> assertEquals(Set.of(1, 3), Set.copyOf(again));
                case BELIEVED -> assertTrue(again.size() <= SIZE);
                case FORGOTTEN -> assertTrue(!again.contains(1), again::toString);
                case BROKEN -> assertNotNull(after.broken());
            }
            if (outcome != Outcome.BROKEN && outcome != Outcome.BELIEVED) {
                assertNull(after.broken());
            }
        }
    }

    /** A lie that is told between two accesses of whoever takes the ring over; whether that one got so far. */
    private static boolean playLate(long features, Change lie, int accesses) {
        try (var memory = new RingMemory()) {
            CrashDriver driver = CrashDriver.of(memory, features);
            driver.ask(2);
            driver.ask(2);
            driver.ask(2);
            Ring before = memory.ringThatKeeps(features);
            before.take();
            Chain second = before.take();
            before.take();
            before.put(second, 1);
            before.publish();
            var left = new AtomicInteger(accesses);
            Mem.watch(() -> {
                if (left.getAndDecrement() == 0) {
                    lie.in(memory.inflight());
                }
            });
            takeAll(memory.ringThatKeeps(features));
            return left.get() < 0;
        } finally {
            Mem.watch(null);
        }
    }

    /** Takes all that there is, and puts it back. */
    private static List<Integer> takeAll(Ring ring) {
        List<Integer> numbers = new ArrayList<>();
        List<Chain> chains = new ArrayList<>();
        Set<Integer> ids = new HashSet<>();
        for (Chain chain = ring.take(); chain != null; chain = ring.take()) {
            assertTrue(ids.add(chain.id), "chain " + chain.id + " twice");
            numbers.add(chain.readable.count() > 0 ? chain.readable.length(0) : 0);
            chains.add(chain);
        }
        chains.forEach(chain -> ring.put(chain, 1));
        ring.publish();
        return numbers;
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldWhenTheMemoryOfASplitRingLies(SplitLie lie) {
        play(0, lie.change, lie.outcome);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldWhenTheMemoryOfAPackedRingLies(PackedLie lie) {
        play(Feature.RING_PACKED, lie.change, lie.outcome);
    }

    /** What was checked must not be read again: nobody leaves the ring, whenever the lie is told. */
    @Test
    void shouldHoldWhenTheMemoryIsChangedWhileSomebodyTakesItOver() {
        for (SplitLie lie : SplitLie.values()) {
            tellAtAnyTime(lie.name(), 0, lie.change);
        }
        for (PackedLie lie : PackedLie.values()) {
            tellAtAnyTime(lie.name(), Feature.RING_PACKED, lie.change);
        }
        tellAtAnyTime("index far outside", Feature.RING_PACKED, at -> InflightPackedQueue.USED_IDX.set(at, FAR));
    }

    private static void tellAtAnyTime(String what, long features, Change lie) {
        int accesses = 0;
        try {
            while (playLate(features, lie, accesses)) {
                accesses++;
            }
        } catch (RuntimeException e) {
            throw new AssertionError(what + " before access " + accesses + ": " + e.getMessage(), e);
        }
        assertTrue(accesses > SIZE, what + " is told at " + accesses + " times only");
    }
}
