package dev.karst.env.linux.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.env.linux.kernel.Kernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers of the kernel, as include/uapi/linux/vfio.h lays them out. */
class VfioRegionTest {
    private static final int READ_WRITE = 3;
    private static final int MMAP = 4;
    private static final int CAPS = 8;

    private final Kernel kernel = Kernel.open();

    @AfterEach
    void close() {
        kernel.close();
    }

    private void answer(int flags, int capability) {
        Mem.fill(kernel.scratch, Kernel.SCRATCH_BYTES, (byte) 0);
        Mem.setInt(kernel.scratch + 4, flags);
        Mem.setInt(kernel.scratch + 12, capability);
        Mem.setLong(kernel.scratch + 16, 0x8000);
        Mem.setLong(kernel.scratch + 24, 0x100_0000_0000L);
    }

    private void capability(int at, int id, int next) {
        Mem.setShort(kernel.scratch + at, (short) id);
        Mem.setShort(kernel.scratch + at + 2, (short) 1);
        Mem.setInt(kernel.scratch + at + 4, next);
    }

    @Test
    void shouldMapAllWhenNothingIsLeftOut() {
        answer(READ_WRITE | MMAP | CAPS, 32);
        capability(32, 3, 0);
        VfioRegion region = VfioRegion.answer(kernel);
        assertEquals(0x100_0000_0000L, region.offset());
        assertEquals(0x8000, region.bytes());
        assertTrue(region.isMappable(0, 0x8000));
        assertFalse(region.isMappable(0x1000, 0x8000));
    }

    @Test
    void shouldMapTheAreasAloneWhenTheTableOfInterruptsIsLeftOut() {
        answer(READ_WRITE | MMAP | CAPS, 32);
        capability(32, 3, 40);
        capability(40, 1, 0);
        Mem.setInt(kernel.scratch + 48, 2);
        Mem.setLong(kernel.scratch + 56, 0);
        Mem.setLong(kernel.scratch + 64, 0x2000);
        Mem.setLong(kernel.scratch + 72, 0x3000);
        Mem.setLong(kernel.scratch + 80, 0x5000);
        VfioRegion region = VfioRegion.answer(kernel);
        assertTrue(region.isMappable(0x1000, 0x1000));
        assertFalse(region.isMappable(0x1000, 0x1001));
        assertFalse(region.isMappable(0x2000, 0x1000));
        assertTrue(region.isMappable(0x3000, 0x5000));
    }

    @Test
    void shouldMapNothingWhenTheDeviceDoesNotLetIt() {
        answer(READ_WRITE, 0);
        assertFalse(VfioRegion.answer(kernel).isMappable(0, 0x1000));
    }

    @Test
    void shouldFindNoCapabilityWhenTheChainLeadsOutOrRound() {
        answer(READ_WRITE | MMAP | CAPS, 32);
        capability(32, 3, Kernel.SCRATCH_BYTES);
        assertEquals(0, Vfio.capability(kernel, 32, 1));
        capability(32, 3, 32);
        assertEquals(0, Vfio.capability(kernel, 32, 1));
        assertEquals(0, Vfio.capability(kernel, -8, 1));
    }
}
