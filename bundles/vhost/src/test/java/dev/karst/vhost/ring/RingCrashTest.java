package dev.karst.vhost.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.spec.vhostuser.InflightPackedEntry;
import dev.karst.spec.vhostuser.InflightPackedQueue;
import dev.karst.spec.vhostuser.InflightSplitEntry;
import dev.karst.spec.vhostuser.InflightSplitQueue;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.ring.CrashDriver.Request;
import dev.karst.vhost.ring.CrashDriver.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A device that is killed between any two accesses to memory: row V-26 of the table of bad inputs. Whoever takes the ring over begins the
 * requests that the driver does not have back again, in the order in which they came, and each ends once; also when it is killed in turn.
 */
class RingCrashTest {
    private static final int RUNS = 25;
    private static final int ROUNDS = 30;
    private static final int LEAST_STATES = 4_000;
    /** Of the accesses of those who take over, one in so many is where they are killed. */
    private static final int SECOND_EACH = 61;

    private final Set<Integer> seen = new HashSet<>();
    private Consumer<RingMemory> altered = _ -> { };
    private int accesses;
    private long features;

    @AfterEach
    void watchNothing() {
        Mem.watch(null);
    }

    /** A bug, as what it would leave behind. */
    private enum Planted {
        REQUESTS_ARE_NOT_COUNTED(false),
        INDEX_IS_KEPT_BEFORE_REQUESTS_ARE_CLEARED(false),
        REQUEST_IS_NOT_KEPT(false),
        PACKED_REQUESTS_ARE_NOT_COUNTED(true),
        PACKED_INDEX_IS_KEPT_TOO_EARLY(true),
        PACKED_DESCRIPTORS_ARE_NOT_KEPT(true);

        private final boolean packed;

        Planted(boolean packed) {
            this.packed = packed;
        }

        private void alter(RingMemory memory) {
            long at = memory.inflight();
            for (int i = 0; i < RingMemory.SIZE; i++) {
                long split = at + InflightSplitQueue.BYTES + (long) i * InflightSplitEntry.BYTES;
                long entry = at + InflightPackedQueue.BYTES + (long) i * InflightPackedEntry.BYTES;
                switch (this) {
                    case REQUESTS_ARE_NOT_COUNTED -> InflightSplitEntry.COUNTER.set(split, 1);
                    case REQUEST_IS_NOT_KEPT -> InflightSplitEntry.INFLIGHT.set(split, i == 3 ? 0 : InflightSplitEntry.INFLIGHT.get(split));
                    case PACKED_REQUESTS_ARE_NOT_COUNTED -> InflightPackedEntry.COUNTER.set(entry, 1);
                    case PACKED_DESCRIPTORS_ARE_NOT_KEPT -> InflightPackedEntry.LEN.set(entry, 1);
                    default -> { }
                }
            }
            if (this == INDEX_IS_KEPT_BEFORE_REQUESTS_ARE_CLEARED) {
                InflightSplitQueue.USED_IDX.set(at, Mem.getU16(memory.address + 0x2002));
            } else if (this == PACKED_INDEX_IS_KEPT_TOO_EARLY) {
                InflightPackedQueue.OLD_USED_IDX.set(at, InflightPackedQueue.USED_IDX.get(at));
            }
        }
    }

    /** Requests, taken, put back in any order, and reaped, as chance says; the device is killed at each access that it makes. */
    private void play(boolean packed) {
        features = packed ? Feature.RING_PACKED : 0;
        for (int seed = 1; seed <= RUNS; seed++) {
            try (var memory = new RingMemory()) {
                play(memory, new Random(seed));
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private void play(RingMemory memory, Random random) {
        CrashDriver driver = CrashDriver.of(memory, features);
        driver.ask(2);
        Mem.watch(() -> killed(memory, driver, random));
        Ring ring = memory.ringThatKeeps(features);
        Mem.watch(null);
        List<Chain> taken = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int most = random.nextInt(4); most > 0 && driver.room() > 0; most--) {
                driver.ask(1 + random.nextInt(random.nextInt(4) == 0 ? driver.room() : Math.min(driver.room(), 3)));
            }
            Mem.watch(() -> killed(memory, driver, random));
            for (int most = random.nextInt(4); most > 0; most--) {
                Chain chain = ring.take();
                if (chain != null) {
                    taken.add(chain);
                }
            }
            while (!taken.isEmpty() && random.nextInt(3) > 0) {
                ring.put(taken.remove(random.nextInt(taken.size())), 1);
                if (random.nextInt(2) == 0) {
                    ring.publish();
                }
            }
            if (random.nextInt(2) == 0) {
                ring.publish();
            }
            Mem.watch(null);
            killed(memory, driver, random);
            assertNull(ring.broken());
            if (random.nextInt(3) > 0) {
                driver.reap();
            }
        }
    }

    private void killed(RingMemory memory, CrashDriver driver, Random random) {
        byte[] image = memory.image();
        if (seen.add(Arrays.hashCode(image) * 31 + driver.state.hashCode())) {
            takeOver(image, driver, new Random(random.nextLong()), true);
        }
    }

    private void takeOver(byte[] image, CrashDriver driver, Random random, boolean killedAgain) {
        try (var memory = new RingMemory()) {
            memory.become(image);
            State state = driver.reap(memory, driver.state);
            altered.accept(memory);
            if (killedAgain) {
                Mem.watch(() -> {
                    if (++accesses % SECOND_EACH == 0) {
                        takeOver(memory.image(), driver, random, false);
                    }
                });
            }
            Ring ring = memory.ringThatKeeps(features);
            List<Chain> again = new ArrayList<>();
            for (Chain chain = ring.take(); chain != null; chain = ring.take()) {
                again.add(chain);
            }
            assertNull(ring.broken());
            assertEquals(state.waiting().stream().map(Request::number).toList(), again.stream().map(CrashDriver::number).toList());
            assertEquals(state.waiting().stream().map(Request::slots).toList(),
                again.stream().map(chain -> chain.readable.count() + chain.writable.count()).toList());
            Collections.shuffle(again, random);
            again.forEach(chain -> ring.put(chain, 1));
            ring.publish();
            Mem.watch(null);
            assertEquals(List.of(), driver.reap(memory, state).waiting());
            assertEquals(0, ring.taken());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEndEachRequestOnceWhenItIsKilledAnywhere(boolean packed) {
        play(packed);
        assertTrue(seen.size() > LEAST_STATES, "only " + seen.size() + " states");
    }

    @ParameterizedTest
    @EnumSource
    void shouldFindPlantedBugs(Planted planted) {
        altered = planted::alter;
        assertThrows(AssertionError.class, () -> play(planted.packed));
    }

    @Test
    void shouldGoOnWithNewRequestsWhenItWasKilled() {
        features = Feature.RING_PACKED;
        for (long each : new long[] {0, Feature.RING_PACKED}) {
            try (var memory = new RingMemory()) {
                CrashDriver driver = CrashDriver.of(memory, each);
                Ring ring = memory.ringThatKeeps(each);
                for (int i = 0; i < 20; i++) {
                    driver.ask(2);
                    driver.ask(3);
                    ring.take();
                    ring.put(ring.take(), 1);
                    ring.publish();
                    driver.reap();
                    ring = memory.ringThatKeeps(each);
                    Chain chain = ring.take();
                    assertEquals(driver.state.waiting().getFirst().number(), CrashDriver.number(chain));
                    assertNull(ring.take());
                    ring.put(chain, 1);
                    ring.publish();
                    driver.reap();
                    assertEquals(List.of(), driver.state.waiting());
                }
            }
        }
    }
}
