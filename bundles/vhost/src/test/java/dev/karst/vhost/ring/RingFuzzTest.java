package dev.karst.vhost.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.nvmf.testkit.FuzzInput;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.virtio.Feature;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bytes, read as what a driver writes to a ring, split or packed, while the device takes chains and puts them back. Whatever is there, the
 * device touches nothing but the guest's memory, writes only where it may, holds no chain twice, and takes nothing from a ring that broke.
 * {@link #fuzzerTestOneInput} is also the entry for a fuzzer that is guided by coverage.
 */
class RingFuzzTest {
    private static final int INPUTS = 20_000;
    private static final int LOW_BYTES = 8192;
    private static final int HIGH_BYTES = 4096;
    private static final long HIGH = 0x10000;
    private static final int LARGEST = 16;
    private static final int DRIVER = 512;
    private static final int DEVICE = 1024;
    private static final int TABLE = 2048;
    private static final int TABLE_ENTRIES = 4;
    private static final int CALLS = 64;
    private static final long[] ADDRESSES = {
        4096, LOW_BYTES - 16, HIGH, HIGH + HIGH_BYTES - 512, TABLE, TABLE + 16, 0x20000, -16, Long.MIN_VALUE, LOW_BYTES, 0, HIGH - 1};
    private static final int[] LENGTHS = {16, 512, 1, 0, 32, 48, 4096, 16_400, -1, 17};
    private static final int[] FLAGS = {0, 1, 2, 3, 4, 5, 1, 2, 1, 0xffff};
    private static RingFuzzTest fuzzed;

    /** A bug in the device, to see that it is found. */
    private enum Planted {
        NONE, LOOKS_BEYOND_A_REGION, WRITES_BESIDE_ITS_PLACE, FORGETS_WHAT_IT_HOLDS
    }

    private Planted planted = Planted.NONE;
    private final Environment environment;
    private final Region low;
    private final Region high;
    private final Region scratch;
    private final Region inflight;
    private GuestMemory memory;
    private final TreeMap<String, Integer> seen = new TreeMap<>();

    RingFuzzTest() throws StorageException {
        environment = new SimWorld(1, 1).environment();
        low = environment.memory().allocate("low", LOW_BYTES);
        high = environment.memory().allocate("high", HIGH_BYTES);
        scratch = environment.memory().allocate("scratch", Ring.SCRATCH_BYTES);
        inflight = environment.memory().allocate("inflight", Ring.inflightBytes(LARGEST));
        memory = memory(HIGH_BYTES);
    }

    private GuestMemory memory(long highBytes) {
        return new GuestMemory(List.of(new GuestRegion(HIGH, highBytes, HIGH, high.address()),
            new GuestRegion(0, LOW_BYTES, 0, low.address())));
    }

    /** One input. All inputs of a process share the memory. */
    public static void fuzzerTestOneInput(byte[] input) throws StorageException {
        if (fuzzed == null) {
            fuzzed = new RingFuzzTest();
        }
        fuzzed.hold(input);
    }

    private void hold(byte[] input) {
        FuzzInput choices = new FuzzInput(input);
        Mem.fill(low.address(), LOW_BYTES, (byte) 0);
        Mem.fill(high.address(), HIGH_BYTES, (byte) 0);
        boolean packed = choices.small(2) == 1;
        long features = (packed ? Feature.RING_PACKED : 0) | (choices.small(4) > 0 ? Feature.RING_INDIRECT_DESC : 0)
            | (choices.small(2) == 1 ? Feature.RING_EVENT_IDX : 0);
        int size = packed ? 1 + choices.small(LARGEST) : 1 << choices.small(5);
        var areas = new RingAreas(low.address(), low.address() + DRIVER,
            low.address() + DEVICE + (planted == Planted.WRITES_BESIDE_ITS_PLACE ? TABLE - DEVICE : 0));
        Mem.fill(inflight.address(), inflight.bytes(), (byte) 0);
        var support = new RingSupport(scratch.address(), choices.small(3) == 0 ? 0 : inflight.address(), null, 0);
        var setup = new RingSetup(size, features, memory, areas, packed ? 0x8000_8000 : 0, support);
        Ring ring = Ring.of(setup);
        if (choices.small(3) == 0) {
            scribble(choices, size);
            ring = Ring.of(setup);
        }
        Deque<Chain> held = new ArrayDeque<>();
        while (choices.hasMore()) {
            drive(choices, size, packed);
            byte[] before = image();
            for (int i = choices.small(CALLS); i >= 0; i--) {
                call(ring, held, choices);
            }
            holdUntouched(before, image(), size, packed);
        }
        note(ring.broken() == null ? "whole" : "broken");
    }

    /** The front-end writes where the chains in flight are kept. */
    private void scribble(FuzzInput choices, int size) {
        for (int i = choices.small(16); i >= 0; i--) {
            long at = (choices.next() << 4 | choices.small(16)) % Ring.inflightBytes(size);
            Mem.setByte(inflight.address() + at, (byte) (choices.small(4) == 0 ? choices.next() : choices.small(3)));
        }
    }

    /** The driver writes something. */
    private void drive(FuzzInput choices, int size, boolean packed) {
        int entry = choices.small(size);
        if (packed) {
            packed(low.address() + 16L * entry, choices, size);
        } else {
            split(low.address() + 16L * entry, choices, size);
            long available = low.address() + DRIVER;
            Mem.setShort(available + 4 + 2L * (Mem.getU16(available + 2) % size), (short) choices.small(size + 1));
            int step = choices.next();
            Mem.setShort(available + 2, (short) (Mem.getU16(available + 2) + (step < 250 ? step & 1 : step)));
        }
        if (choices.small(4) == 0) {
            split(low.address() + TABLE + 16L * choices.small(TABLE_ENTRIES), choices, TABLE_ENTRIES);
        }
        if (choices.small(16) == 0) {
            Mem.setInt(low.address() + DRIVER, choices.next() << 16 | choices.next());
        }
    }

    private static void split(long at, FuzzInput choices, int entries) {
        buffer(at, choices);
        Mem.setShort(at + 12, (short) FLAGS[choices.small(FLAGS.length)]);
        Mem.setShort(at + 14, (short) choices.small(entries + 1));
    }

    private static void packed(long at, FuzzInput choices, int size) {
        buffer(at, choices);
        Mem.setShort(at + 12, (short) choices.small(size + 1));
        int wrap = choices.next();
        Mem.setShort(at + 14, (short) (FLAGS[choices.small(FLAGS.length)] | (wrap % 4 != 0 ? 1 << 7 : 1 << 15)));
    }

    private static void buffer(long at, FuzzInput choices) {
        Mem.setLong(at, ADDRESSES[choices.small(ADDRESSES.length)]);
        Mem.setInt(at + 8, LENGTHS[choices.small(LENGTHS.length)]);
    }

    /** The device does something. */
    private void call(Ring ring, Deque<Chain> held, FuzzInput choices) {
        switch (choices.small(4)) {
            case 0, 1 -> take(ring, held);
            case 2 -> {
                Chain chain = choices.small(2) == 0 ? held.pollFirst() : held.pollLast();
                if (chain != null && ring.broken() == null) {
                    ring.put(chain, 1);
                    if (choices.small(2) == 0) {
                        ring.publish();
                    }
                    note(ring.wantsCall() ? "calls" : "silent");
                } else if (chain != null) {
                    ring.abandon(chain);
                }
            }
            default -> {
                if (ring.broken() == null && ring.arm()) {
                    note("armed");
                }
            }
        }
        assertEquals(held.size(), ring.taken());
    }

    private void take(Ring ring, Deque<Chain> held) {
        boolean broken = ring.broken() != null;
        int ready = ring.ready(ring.size());
        assertTrue(ready >= 0 && ready <= ring.size(), "more are ready than fit");
        Chain chain = ring.take();
        if (broken) {
            assertNull(chain, "a ring that is broken goes on");
        }
        if (chain == null) {
            return;
        }
        assertFalse(held.contains(chain), "a chain twice");
        assertTrue(chain.id >= 0 && chain.id < ring.size(), "a chain that there is not");
        held.add(chain);
        if (planted == Planted.FORGETS_WHAT_IT_HOLDS) {
            ring.abandon(chain);
        }
        assertTrue(held.size() <= ring.size());
        holdInside(chain.readable);
        holdInside(chain.writable);
        if (chain.lastWritable() != 0) {
            assertTrue(isGuests(chain.lastWritable(), 1), "a status outside of the guest's memory");
        }
        note(chain.isFaulty() ? "faulty" : "taken");
    }

    private void holdInside(IoVector vector) {
        for (int i = 0; i < vector.count(); i++) {
            assertTrue(isGuests(vector.address(i), vector.length(i)), "a buffer outside of the guest's memory");
        }
    }

    private boolean isGuests(long address, long bytes) {
        return address >= low.address() && address + bytes <= low.address() + LOW_BYTES
            || address >= high.address() && address + bytes <= high.address() + HIGH_BYTES;
    }

    private byte[] image() {
        byte[] image = new byte[LOW_BYTES + HIGH_BYTES];
        Mem.get(low.address(), image, 0, LOW_BYTES);
        Mem.get(high.address(), image, LOW_BYTES, HIGH_BYTES);
        return image;
    }

    /** Nothing changed but what the device may write. */
    private static void holdUntouched(byte[] before, byte[] after, int size, boolean packed) {
        long written = DEVICE + (packed ? 4 : Ring.deviceBytes(size, Feature.RING_EVENT_IDX));
        for (byte[] image : List.of(before, after)) {
            Arrays.fill(image, DEVICE, (int) written, (byte) 0);
            Arrays.fill(image, 0, packed ? 16 * size : 0, (byte) 0);
        }
        assertEquals(-1, Arrays.mismatch(before, after), "the device wrote where it may not");
    }

    private void note(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    private void holdAll() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < INPUTS; i++) {
            byte[] input = new byte[10 + random.nextInt(300)];
            random.nextBytes(input);
            hold(input);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldFindPlantedBugs(Planted bug) {
        planted = bug;
        memory = memory(HIGH_BYTES + (bug == Planted.LOOKS_BEYOND_A_REGION ? 1 : 0));
        assertThrows(AssertionError.class, this::holdAll);
    }

    @Test
    void shouldGoOnOrBreakWhateverIsInTheRing() {
        holdAll();
        for (String what : List.of("whole", "broken", "taken", "faulty", "armed", "calls", "silent")) {
            assertTrue(seen.getOrDefault(what, 0) > INPUTS / 100, () -> what + ": " + seen);
        }
    }
}
