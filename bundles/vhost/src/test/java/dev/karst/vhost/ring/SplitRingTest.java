package dev.karst.vhost.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.Feature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitRingTest {
    private static final long TABLE = RingMemory.GUEST;
    private static final long INDIRECT_TABLE = RingMemory.DATA + 0x1000;

    private final RingMemory memory = new RingMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    private void request(int head) {
        memory.descriptor(TABLE, head, RingMemory.DATA, 16, RingMemory.then(head + 1, 0));
        memory.descriptor(TABLE, head + 1, RingMemory.DATA + 512, 512, RingMemory.then(head + 2, Descriptor.WRITE));
        memory.descriptor(TABLE, head + 2, RingMemory.DATA + 1024, 1, Descriptor.WRITE);
        memory.publish(head);
    }

    @Test
    void shouldCollectBuffersWhenChainIsTaken() {
        Ring ring = memory.ring(0);
        request(2);
        Chain chain = ring.take();
        assertEquals(2, chain.id);
        assertEquals(16, chain.readable.bytes());
        assertEquals(513, chain.writable.bytes());
        assertEquals(memory.address + 0x3000 + 1024, chain.lastWritable());
        assertFalse(chain.isFaulty());
        assertNull(ring.take());
        assertEquals(1, ring.taken());
    }

    @Test
    void shouldGiveChainsBackWhenTheyEndInAnyOrder() {
        Ring ring = memory.ring(0);
        request(0);
        request(3);
        Chain first = ring.take();
        Chain second = ring.take();
        ring.put(second, 513);
        ring.put(first, 1);
        assertEquals(0, memory.used());
        ring.publish();
        assertEquals(2, memory.used());
        assertEquals(3 | 513L << 32, memory.usedElement(0));
        assertEquals(1L << 32, memory.usedElement(1));
        assertEquals(2, ring.base());
    }

    @Test
    void shouldSayHowManyAreReadyWhenDriverHasMadeThemAvailable() {
        Ring ring = memory.ring(0);
        assertEquals(0, ring.ready(2));
        request(0);
        request(3);
        memory.descriptor(TABLE, 5, 0, 16, 0);
        memory.publish(5);
        assertEquals(2, ring.ready(2));
        assertNotNull(ring.take());
        assertEquals(2, ring.ready(8));
        ring.breakDown("enough");
        assertEquals(0, ring.ready(8));
    }

    @Test
    void shouldGiveOutAgainWhatWasPutBackWhenDriverHasNotSeenIt() {
        Ring before = memory.ringThatKeeps(0);
        request(0);
        request(3);
        before.put(before.take(), 1);
        before.publish();
        before.put(before.take(), 1);
        Ring after = memory.ringThatKeeps(0);
        assertEquals(1, after.ready(8));
        assertEquals(3, after.take().id);
        assertNull(after.take());
    }

    @Test
    void shouldReadTableOnceWhenDescriptorIsIndirect() {
        Ring ring = memory.ring(Feature.RING_INDIRECT_DESC);
        memory.descriptor(INDIRECT_TABLE, 0, RingMemory.DATA, 16, RingMemory.then(1, 0));
        memory.descriptor(INDIRECT_TABLE, 1, RingMemory.DATA + 16, 1, Descriptor.WRITE);
        memory.descriptor(TABLE, 5, INDIRECT_TABLE, 32, Descriptor.INDIRECT);
        memory.publish(5);
        Chain chain = ring.take();
        assertEquals(5, chain.id);
        assertEquals(1, chain.writable.bytes());
        assertEquals(16, chain.readable.bytes());
    }

    @Test
    void shouldBreakWhenChainLoops() {
        Ring ring = memory.ring(0);
        memory.descriptor(TABLE, 0, RingMemory.DATA, 16, RingMemory.then(1, 0));
        memory.descriptor(TABLE, 1, RingMemory.DATA, 16, RingMemory.then(0, 0));
        memory.publish(0);
        assertNull(ring.take());
        assertNotNull(ring.broken());
    }

    @Test
    void shouldBreakWhenIndexJumps() {
        Ring ring = memory.ring(0);
        memory.available(RingMemory.SIZE + 1);
        assertNull(ring.take());
        assertNotNull(ring.broken());
    }

    @Test
    void shouldBreakWhenChainIsInFlightAlready() {
        Ring ring = memory.ring(0);
        request(0);
        memory.publish(0);
        assertNotNull(ring.take());
        assertNull(ring.take());
        assertNotNull(ring.broken());
    }

    @Test
    void shouldSayThatChainIsFaultyWhenBufferIsOutsideOfMemory() {
        Ring ring = memory.ring(0);
        memory.descriptor(TABLE, 0, 0, 16, RingMemory.then(1, 0));
        memory.descriptor(TABLE, 1, RingMemory.DATA, 1, Descriptor.WRITE);
        memory.publish(0);
        Chain chain = ring.take();
        assertTrue(chain.isFaulty());
        assertEquals(memory.address + 0x3000, chain.lastWritable());
    }

    @Test
    void shouldFindWhatCameMeanwhileWhenItAsksForKicks() {
        Ring ring = memory.ring(Feature.RING_EVENT_IDX);
        assertTrue(ring.arm());
        request(0);
        assertFalse(ring.arm());
        assertNotNull(ring.take());
        assertTrue(ring.arm());
        assertEquals(1, memory.availEvent());
    }

    @Test
    void shouldCallOnlyWhenUsedIndexPassesTheEvent() {
        Ring ring = memory.ring(Feature.RING_EVENT_IDX);
        request(0);
        ring.put(ring.take(), 1);
        ring.publish();
        assertTrue(ring.wantsCall());
        memory.usedEvent(2);
        request(0);
        ring.put(ring.take(), 1);
        ring.publish();
        assertFalse(ring.wantsCall());
        request(0);
        ring.put(ring.take(), 1);
        ring.publish();
        assertTrue(ring.wantsCall());
    }

    @Test
    void shouldGiveChainsInFlightOutAgainInOrderWhenRingIsTakenOver() {
        Ring before = memory.ringThatKeeps(0);
        request(5);
        request(0);
        before.take();
        Chain second = before.take();
        before.put(second, 1);
        before.publish();
        request(0);
        before.take();
        Ring after = memory.ringThatKeeps(0);
        Chain again = after.take();
        assertEquals(5, again.id);
        assertEquals(513, again.writable.bytes());
        assertEquals(0, after.take().id);
        assertNull(after.take());
        request(2);
        assertEquals(2, after.take().id);
        assertEquals(4, after.base());
    }

    @Test
    void shouldNoteWrittenPagesWhenThereIsALog() {
        Ring ring = memory.ringThatLogs(0);
        request(0);
        ring.put(ring.take(), 513);
        ring.publish();
        assertTrue(memory.isDirty(RingMemory.DATA));
        assertTrue(memory.isDirty(RingMemory.GUEST + 0x2000));
        assertFalse(memory.isDirty(RingMemory.GUEST + 0x1000));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_EVENT_IDX})
    void shouldNoteItsPageWhenItAsksForKicks(long features) {
        Ring ring = memory.ringThatLogs(features);
        ring.arm();
        assertTrue(memory.isDirty(RingMemory.DEVICE));
        memory.clearLog();
        ring.disarm();
        // With event indices there is nothing to write.
        assertEquals(features == 0, memory.isDirty(RingMemory.DEVICE));
    }

    @Test
    void shouldNoteThePageOfTheStatusWhenThereAreTooManyBuffers() {
        Ring ring = memory.ringThatLogs(Feature.RING_INDIRECT_DESC);
        int last = Chain.MAX_PIECES;
        for (int i = 0; i <= last; i++) {
            memory.descriptor(INDIRECT_TABLE, i, RingMemory.DATA + (i == last ? 0x3000 : 0), 1,
                i == last ? Descriptor.WRITE : RingMemory.then(i + 1, Descriptor.WRITE));
        }
        memory.descriptor(TABLE, 0, INDIRECT_TABLE, Descriptor.BYTES * (last + 1), Descriptor.INDIRECT);
        memory.publish(0);
        Chain chain = ring.take();
        assertTrue(chain.isFaulty());
        ring.put(chain, 1);
        assertTrue(memory.isDirty(RingMemory.DATA + 0x3000));
    }
}
