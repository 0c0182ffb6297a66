package dev.karst.vhost.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.EventSuppression;
import dev.karst.spec.virtio.Feature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedRingTest {
    private static final long FEATURES = Feature.RING_PACKED | Feature.RING_EVENT_IDX | Feature.RING_INDIRECT_DESC;
    private static final long INDIRECT_TABLE = RingMemory.DATA + 0x1000;

    private final RingMemory memory = new RingMemory();
    private final PackedDriver driver = new PackedDriver(memory);

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void shouldGoOnWhenRingWrapsAround() {
        Ring ring = memory.ring(FEATURES);
        boolean round = true;
        int used = 0;
        for (int i = 0; i < 20; i++) {
            driver.request(i % RingMemory.SIZE);
            Chain chain = ring.take();
            assertEquals(i % RingMemory.SIZE, chain.id);
            assertEquals(513, chain.writable.bytes());
            assertEquals(16, chain.readable.bytes());
            assertNull(ring.take());
            ring.put(chain, 513);
            assertFalse(driver.isUsed(used, round));
            ring.publish();
            assertTrue(driver.isUsed(used, round));
            assertEquals(chain.id, driver.usedId(used));
            assertEquals(513, driver.usedBytes(used));
            used += 3;
            round = used >= RingMemory.SIZE != round;
            used %= RingMemory.SIZE;
        }
    }

    @Test
    void shouldGiveChainsBackWhenTheyEndInAnyOrder() {
        Ring ring = memory.ring(FEATURES);
        driver.request(5);
        driver.request(1);
        Chain first = ring.take();
        ring.put(ring.take(), 1);
        ring.put(first, 1);
        assertFalse(driver.isUsed(0, true));
        ring.publish();
        assertTrue(driver.isUsed(0, true));
        assertEquals(1, driver.usedId(0));
        assertTrue(driver.isUsed(3, true));
        assertEquals(5, driver.usedId(3));
        assertEquals(0x8006_8006, ring.base());
    }

    @Test
    void shouldShowEachChainWhenThoseInFlightAreKept() {
        Ring ring = memory.ringThatKeeps(FEATURES);
        driver.request(5);
        ring.put(ring.take(), 1);
        assertTrue(driver.isUsed(0, true));
    }

    @Test
    void shouldSayHowManyAreReadyWhenDriverHasMadeThemAvailable() {
        Ring ring = memory.ring(FEATURES);
        assertEquals(0, ring.ready(2));
        driver.request(5);
        driver.add(3, 0, 16, 0);
        assertEquals(1, ring.ready(1));
        assertEquals(2, ring.ready(8));
        ring.put(ring.take(), 1);
        assertEquals(1, ring.ready(8));
        ring.put(ring.take(), 1);
        assertEquals(0, ring.ready(8));
    }

    @Test
    void shouldReadTableWhenDescriptorIsIndirect() {
        Ring ring = memory.ring(FEATURES);
        memory.descriptor(INDIRECT_TABLE, 0, RingMemory.DATA, 16, 0);
        memory.descriptor(INDIRECT_TABLE, 1, RingMemory.DATA + 16, 7, 0);
        driver.add(4, INDIRECT_TABLE, 32, Descriptor.INDIRECT);
        Chain chain = ring.take();
        assertEquals(4, chain.id);
        assertEquals(23, chain.readable.bytes());
    }

    @Test
    void shouldBreakWhenIdIsOutOfRangeOrTaken() {
        Ring ring = memory.ring(FEATURES);
        driver.request(0);
        driver.request(0);
        assertNotNull(ring.take());
        assertNull(ring.take());
        assertNotNull(ring.broken());
        Ring other = memory.ring(FEATURES);
        new PackedDriver(memory).add(RingMemory.SIZE, RingMemory.DATA, 16, 0);
        assertNull(other.take());
        assertNotNull(other.broken());
    }

    @Test
    void shouldBreakWhenChainHasNoEnd() {
        Ring ring = memory.ring(FEATURES);
        for (int i = 0; i < RingMemory.SIZE; i++) {
            driver.add(0, RingMemory.DATA, 16, Descriptor.NEXT);
        }
        assertNull(ring.take());
        assertNotNull(ring.broken());
    }

    @Test
    void shouldCallOnlyWhenDriverWantsIt() {
        Ring ring = memory.ring(FEATURES);
        driver.suppress(0, EventSuppression.DISABLE);
        driver.request(0);
        ring.put(ring.take(), 1);
        assertFalse(ring.wantsCall());
        driver.suppress(4 | 0x8000, EventSuppression.DESC);
        driver.request(0);
        ring.put(ring.take(), 1);
        assertTrue(ring.wantsCall());
        driver.suppress(5, EventSuppression.DESC);
        driver.request(0);
        ring.put(ring.take(), 1);
        assertFalse(ring.wantsCall());
    }

    @Test
    void shouldGiveChainsInFlightOutAgainInOrderWhenRingIsTakenOver() {
        Ring before = memory.ringThatKeeps(FEATURES);
        driver.request(6);
        driver.request(2);
        Chain first = before.take();
        before.take();
        before.put(first, 513);
        driver.request(6);
        before.take();
        Ring after = memory.ringThatKeeps(FEATURES);
        Chain again = after.take();
        assertEquals(2, again.id);
        assertEquals(513, again.writable.bytes());
        Chain last = after.take();
        assertEquals(6, last.id);
        assertNull(after.take());
        after.put(again, 1);
        after.put(last, 1);
        assertEquals(2, driver.usedId(3));
        assertEquals(6, driver.usedId(6));
        driver.request(7);
        assertEquals(7, after.take().id);
    }

    @ParameterizedTest
    @ValueSource(longs = {Feature.RING_PACKED, FEATURES})
    void shouldNoteThePageOfItsEventSuppressionWhenItAsksForKicksOrNot(long features) {
        Ring ring = memory.ringThatLogs(features);
        ring.arm();
        assertTrue(memory.isDirty(RingMemory.DEVICE));
        memory.clearLog();
        ring.disarm();
        assertTrue(memory.isDirty(RingMemory.DEVICE));
    }

    @Test
    void shouldNoteWrittenPagesWhenThereIsALog() {
        Ring ring = memory.ringThatLogs(FEATURES);
        driver.request(0);
        ring.put(ring.take(), 513);
        ring.publish();
        assertTrue(memory.isDirty(RingMemory.DATA));
        assertTrue(memory.isDirty(RingMemory.GUEST));
        assertFalse(memory.isDirty(RingMemory.DEVICE));
    }
}
