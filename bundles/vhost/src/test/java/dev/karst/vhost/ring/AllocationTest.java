package dev.karst.vhost.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.Feature;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Nothing is allocated for a chain that is taken and put back, its place among those in flight included. */
class AllocationTest {
    private static final int ROUNDS = 100_000;

    private final com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void shouldAllocateNothingWhenSplitRingRuns() {
        try (var memory = new RingMemory()) {
            memory.descriptor(RingMemory.GUEST, 0, RingMemory.DATA, 16, RingMemory.then(1, 0));
            memory.descriptor(RingMemory.GUEST, 1, RingMemory.DATA, 1, Descriptor.WRITE);
            Ring ring = memory.ringThatKeeps(Feature.RING_EVENT_IDX);
            holds(ring, () -> memory.publish(0));
        }
    }

    @Test
    void shouldAllocateNothingWhenPackedRingRuns() {
        try (var memory = new RingMemory()) {
            var driver = new PackedDriver(memory);
            holds(memory.ringThatKeeps(Feature.RING_PACKED | Feature.RING_EVENT_IDX), () -> driver.request(0));
        }
    }

    private void holds(Ring ring, Runnable driver) {
        play(ring, driver);
        long before = threads.getCurrentThreadAllocatedBytes();
        play(ring, driver);
        assertEquals(0, (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS, "bytes per chain");
    }

    private static void play(Ring ring, Runnable driver) {
        for (int i = 0; i < ROUNDS; i++) {
            driver.run();
            ring.ready(1);
            ring.put(ring.take(), 1);
            ring.publish();
            ring.wantsCall();
            ring.arm();
            ring.disarm();
        }
    }
}
