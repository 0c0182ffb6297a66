package dev.karst.env.linux.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.env.DmaMap;
import org.junit.jupiter.api.Test;

class DmaTableTest {
    private static final long MIB = 1 << 20;
    private static final long ADDRESS = 0x7f12_3440_0000L;

    private final DmaTable table = new DmaTable();

    @Test
    void shouldFindEachByteWhereItsUnitLies() {
        table.put(ADDRESS, 4 * MIB, 0x1000_0000L);
        assertEquals(0x1000_0000L, table.iova(ADDRESS));
        assertEquals(0x1000_0000L + 4 * MIB - 1, table.iova(ADDRESS + 4 * MIB - 1));
    }

    @Test
    void shouldFindNothingWhereNoMemoryIs() {
        table.put(ADDRESS, 2 * MIB, 0x1000_0000L);
        for (long address : new long[] {0, ADDRESS - 1, ADDRESS + 2 * MIB, 1L << 46, 1L << 48, -1, Long.MIN_VALUE}) {
            assertEquals(DmaMap.NONE, table.iova(address));
            assertEquals(0, table.contiguous(address, 4096));
        }
    }

    @Test
    void shouldReachOverUnitsWhenTheyLieOneBehindTheOther() {
        table.put(ADDRESS, 6 * MIB, 0x1000_0000L);
        assertEquals(6 * MIB - 4096, table.contiguous(ADDRESS + 4096, Long.MAX_VALUE));
        assertEquals(3 * MIB, table.contiguous(ADDRESS + 4096, 3 * MIB));
        assertEquals(1, table.contiguous(ADDRESS + 4096, 1));
    }

    @Test
    void shouldEndAtTheUnitWhenTheNextLiesElsewhere() {
        table.put(ADDRESS, 2 * MIB, 0x4000_0000L);
        table.put(ADDRESS + 2 * MIB, 2 * MIB, 0x1000_0000L);
        assertEquals(4096, table.contiguous(ADDRESS + 2 * MIB - 4096, MIB));
        assertEquals(2 * MIB, table.contiguous(ADDRESS + 2 * MIB, 8 * MIB));
    }

    @Test
    void shouldGoOverTheEndOfATableWhenABlockDoes() {
        long edge = 1L << 34;
        table.put(edge - 2 * MIB, 4 * MIB, 0);
        assertEquals(0, table.iova(edge - 2 * MIB));
        assertEquals(4 * MIB, table.contiguous(edge - 2 * MIB, 8 * MIB));
    }
}
