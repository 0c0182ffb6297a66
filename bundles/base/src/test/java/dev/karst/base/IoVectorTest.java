package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class IoVectorTest {
    private static IoVector of(int... lengths) {
        IoVector vector = new IoVector(8);
        long address = 0x10000;
        for (int length : lengths) {
            vector.add(address, length);
            address += 0x10000;
        }
        return vector;
    }

    @Test
    void shouldSliceAcrossPairsWhenTheRangeDoes() {
        IoVector slice = new IoVector(8);
        assertTrue(slice.slice(of(100, 200, 300), 50, 400));
        assertEquals(3, slice.count());
        assertEquals(0x10000 + 50, slice.address(0));
        assertEquals(50, slice.length(0));
        assertEquals(200, slice.length(1));
        assertEquals(150, slice.length(2));
        assertEquals(400, slice.bytes());
    }

    @Test
    void shouldSkipPairsWhenTheRangeBeginsBehindThem() {
        IoVector slice = new IoVector(8);
        assertTrue(slice.slice(of(100, 200, 300), 300, 1));
        assertEquals(1, slice.count());
        assertEquals(0x30000, slice.address(0));
    }

    @Test
    void shouldSayWhenASliceNeedsMorePairsThanFit() {
        IoVector slice = new IoVector(2);
        assertFalse(slice.slice(of(10, 10, 10), 5, 20));
        assertEquals(15, slice.bytes());
    }

    @Test
    void shouldRefuseAPairWhenFull() {
        IoVector vector = new IoVector(1);
        assertTrue(vector.add(1, 1));
        assertFalse(vector.add(2, 1));
        assertEquals(1, vector.bytes());
    }

    @Test
    void shouldFindEachDifferenceWhenCompared() {
        try (Arena arena = Arena.ofConfined()) {
            long flat = arena.allocate(64, 8).address();
            Mem.register(flat, 64);
            IoVector vector = new IoVector(4);
            vector.add(flat + 32, 5);
            vector.add(flat + 40, 11);
            assertTrue(vector.matches(0, flat, 16));
            for (int at = 2; at < 16; at++) {
                Mem.setByte(flat + at, (byte) 1);
                assertFalse(vector.matches(2, flat + 2, 14), "byte " + at);
                assertTrue(vector.matches(0, flat, at));
                Mem.setByte(flat + at, (byte) 0);
            }
            Mem.unregister(flat);
        }
    }

    @Test
    void shouldZeroWhatLiesBehindAnOffsetWhenItIsInTheMidst() {
        try (Arena arena = Arena.ofConfined()) {
            long memory = arena.allocate(64).address();
            Mem.register(memory, 64);
            try {
                Mem.fill(memory, 64, (byte) 7);
                IoVector vector = new IoVector(3);
                vector.add(memory, 8);
                vector.add(memory + 16, 8);
                vector.add(memory + 32, 8);
                vector.zero(12);
                assertEquals(7, Mem.getByte(memory + 7));
                assertEquals(7, Mem.getByte(memory + 19));
                assertEquals(0, Mem.getByte(memory + 20));
                assertEquals(7, Mem.getByte(memory + 24));
                assertEquals(0, Mem.getLong(memory + 32));
                assertEquals(7, Mem.getByte(memory + 40));
            } finally {
                Mem.unregister(memory);
            }
        }
    }
}
