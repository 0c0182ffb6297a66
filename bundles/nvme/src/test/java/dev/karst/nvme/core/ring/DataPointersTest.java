package dev.karst.nvme.core.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.env.DmaMap;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DataPointersTest {
    private static final long SHIFT = 0x1000_0000L;
    private static final int BYTES = 4 << 20;

    private final Arena arena = Arena.ofConfined();
    private final long memory = arena.allocate(BYTES, 4096).address();
    private final long entry = memory + 1024;
    private final long list = memory + 4096;
    private final long data = memory + 16384;
    private final IoVector vector = new IoVector(64);

    /** The device finds memory elsewhere, and in pieces of 1 MiB. */
    private final DmaMap dma = new DmaMap() {
        @Override
        public long iova(long address) {
            return address + SHIFT;
        }

        @Override
        public long contiguous(long address, long most) {
            return Math.min(most, (1L << 20) - (address & (1L << 20) - 1));
        }
    };

    @BeforeEach
    void register() {
        Mem.register(memory, BYTES);
    }

    @AfterEach
    void unregister() {
        Mem.unregister(memory);
        arena.close();
    }

    private int write(boolean sgl) {
        return new DataPointers(dma, sgl).write(vector, entry, list);
    }

    private long first() {
        return Mem.getLong(entry + 24);
    }

    private long second() {
        return Mem.getLong(entry + 32);
    }

    @Test
    void shouldPointAtThePageWhenDataLiesWithinOne() {
        vector.set(data + 512, 512);
        assertEquals(DataPointers.PRP, write(true));
        assertEquals(data + 512 + SHIFT, first());
        assertEquals(0, second());
    }

    @Test
    void shouldPointAtBothPagesWhenDataLiesInTwo() {
        vector.set(data + 512, 4096);
        assertEquals(DataPointers.PRP, write(true));
        assertEquals(data + 512 + SHIFT, first());
        assertEquals(data + 4096 + SHIFT, second());
    }

    @Test
    void shouldListThePagesBehindTheFirstWhenThereAreMore() {
        vector.set(data, 8192);
        vector.add(data + 16384, 4096);
        assertEquals(DataPointers.PRP, write(false));
        assertEquals(data + SHIFT, first());
        assertEquals(list + SHIFT, second());
        assertEquals(data + 4096 + SHIFT, Mem.getLong(list));
        assertEquals(data + 16384 + SHIFT, Mem.getLong(list + 8));
    }

    @Test
    void shouldDescribeInOneWhenTheDeviceFindsItInOnePiece() {
        long aligned = memory + (1 << 20) - (memory & (1 << 20) - 1);
        vector.set(aligned, 131072);
        assertEquals(DataPointers.SGL, write(true));
        assertEquals(aligned + SHIFT, first());
        assertEquals(131072, second());
    }

    @Test
    void shouldPointAtDescriptorsWhenThereAreSeveral() {
        vector.set(data + 4, 508);
        vector.add(data + 8192, 516);
        assertEquals(DataPointers.SGL, write(true));
        assertEquals(list + SHIFT, first());
        assertEquals(32 | 0x30L << 56, second());
        assertEquals(data + 8192 + SHIFT, Mem.getLong(list + 16));
        assertEquals(516, Mem.getLong(list + 24));
    }

    @Test
    void shouldCutAtThePieceWhenTheDeviceFindsMemoryInTwo() {
        long end = memory + (1 << 20) - (memory & (1 << 20) - 1);
        vector.set(end - 8192, 65536);
        assertEquals(DataPointers.SGL, write(true));
        assertEquals(8192, Mem.getLong(list + 8));
        assertEquals(end + SHIFT, Mem.getLong(list + 16));
    }

    @Test
    void shouldBeImpossibleWhenPairsEndWithinPagesAndThereIsNoSgl() {
        vector.set(data, 512);
        vector.add(data + 4096, 512);
        assertEquals(DataPointers.IMPOSSIBLE, write(false));
        assertEquals(512, new DataPointers(dma, false).fits(vector));
        assertEquals(1024, new DataPointers(dma, true).fits(vector));
    }

    @Test
    void shouldCarryOneMebibyteLessAPageWhenMoreIsAsked() {
        vector.set(data, 2 << 20);
        assertEquals(DataPointers.MOST_BYTES, new DataPointers(dma, false).fits(vector));
        vector.set(data + 512, (int) DataPointers.MOST_BYTES);
        assertEquals(DataPointers.PRP, write(false));
    }
}
