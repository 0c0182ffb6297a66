package dev.karst.env.linux.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinuxMemoryTest {
    private static final long MIB = 1 << 20;

    private final LinuxMemory memory = new LinuxMemory(64 * MIB);

    @AfterEach
    void freeAll() {
        memory.regions().forEach(memory::free);
    }

    private static boolean isZero(Region region) {
        for (long at = region.address(); at < region.end(); at++) {
            if (Mem.getByte(at) != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void shouldGiveZeroedAndAlignedMemoryWhenAllocated() throws StorageException {
        for (long bytes : new long[] {1, 4095, 4096, 4097, MIB, 3 * MIB + 1}) {
            Region region = memory.allocate("test", bytes);
            assertEquals(bytes, region.bytes());
            assertEquals(0, region.address() % 4096);
            assertTrue(isZero(region));
        }
    }

    @Test
    void shouldGiveTheSamePagesZeroedWhenAllocatedAgain() throws StorageException {
        for (long bytes : new long[] {100, 70_000, 5 * MIB}) {
            Region first = memory.allocate("first", bytes);
            Mem.fill(first.address(), bytes, (byte) 0x5a);
            memory.free(first);
            Region second = memory.allocate("second", bytes);
            assertEquals(first.address(), second.address());
            assertTrue(isZero(second));
        }
    }

    @Test
    void shouldRefuseAccessWhenTheRegionWasFreed() throws StorageException {
        Region region = memory.allocate("test", 4096);
        Mem.setLong(region.address(), 1);
        memory.free(region);
        assertThrows(IndexOutOfBoundsException.class, () -> Mem.getByte(region.address()));
    }

    @Test
    void shouldNotGiveARegionOutAgainWhenItIsFreedButHeld() throws Exception {
        Region region = memory.allocate("test", 4096);
        Mem.setLong(region.address(), 42);
        region.hold();
        memory.free(region);
        assertEquals(List.of(), memory.regions());
        assertNotEquals(region.address(), memory.allocate("other", 4096).address());
        assertEquals(42, Mem.getLong(region.address()));
        region.release();
        // It is taken back by another thread.
        while (memory.allocate("other", 4096).address() != region.address()) {
            Thread.sleep(1);
        }
    }

    @Test
    void shouldRefuseAccessWhenItReachesBehindTheRegion() throws StorageException {
        Region region = memory.allocate("test", 100);
        Mem.setByte(region.end() - 1, (byte) 1);
        assertThrows(IndexOutOfBoundsException.class, () -> Mem.getByte(region.end()));
    }

    @Test
    void shouldGiveTheSameRegionWhenTheNameIsTheSame() throws StorageException {
        Region first = memory.named("hand-over", 8192);
        Mem.setLong(first.address(), 42);
        Region second = memory.named("hand-over", 8192);
        assertEquals(first, second);
        assertEquals(42, Mem.getLong(second.address()));
    }

    @Test
    void shouldRefuseWhenTheNameStandsForAnotherLength() throws StorageException {
        memory.named("hand-over", 8192);
        var e = assertThrows(StorageException.class, () -> memory.named("hand-over", 4096));
        assertEquals(-Errno.EEXIST, e.code());
        assertEquals("cannot make region hand-over of 4096 bytes: it is there with 8192 bytes; "
            + "free it first or ask for that length", e.getMessage());
    }

    @Test
    void shouldMakeTheRegionAnewWhenItWasFreed() throws StorageException {
        Region first = memory.named("hand-over", 8192);
        Mem.setLong(first.address(), 42);
        memory.free(first);
        assertTrue(isZero(memory.named("hand-over", 4096)));
    }

    @Test
    void shouldFailWhenARegionIsFreedTwice() throws StorageException {
        Region region = memory.allocate("test", 4096);
        memory.free(region);
        assertThrows(IllegalArgumentException.class, () -> memory.free(region));
    }

    @Test
    void shouldSayHowMuchIsUsedWhenTheCapIsReached() throws StorageException {
        memory.allocate("cache", 40 * MIB);
        var e = assertThrows(StorageException.class, () -> memory.allocate("disk", 32 * MIB));
        assertEquals(-Errno.ENOMEM, e.code());
        assertEquals("cannot allocate 32 MiB for disk: 40 MiB of the cap of 64 MiB is used, "
            + "0 KiB more is kept in other sizes; free some, or raise memory.cap.mib in etc/dev.karst.env.cfg", e.getMessage());
    }

    @Test
    void shouldRefuseWhenTheSizeMakesNoSense() {
        for (long bytes : new long[] {0, -1, Long.MIN_VALUE}) {
            assertEquals(-Errno.EINVAL,
                assertThrows(StorageException.class, () -> memory.allocate("x", bytes)).code());
        }
        assertEquals(-Errno.ENOMEM,
            assertThrows(StorageException.class, () -> memory.allocate("x", Long.MAX_VALUE)).code());
    }

    @Test
    void shouldTakeALargerBlockWhenTheCapLeavesNothingElse() throws StorageException {
        Region large = memory.allocate("large", 60 * MIB);
        memory.free(large);
        Region small = memory.allocate("small", 10 * MIB);
        assertEquals(large.address(), small.address());
    }

    @Test
    void shouldAllocateMoreWhenTheCapWasRaised() throws StorageException {
        assertThrows(StorageException.class, () -> memory.allocate("x", 80 * MIB));
        memory.setCap(128 * MIB);
        assertEquals(80 * MIB, memory.allocate("x", 80 * MIB).bytes());
    }

    @Test
    void shouldListWhatIsGivenOut() throws StorageException {
        Region one = memory.allocate("one", 1);
        Region two = memory.named("two", 2);
        assertEquals(2, memory.regions().size());
        assertTrue(memory.regions().containsAll(List.of(one, two)));
        memory.free(one);
        assertEquals(List.of(two), memory.regions());
    }

    @Test
    void shouldKeepRegionsApartWhenSizesAreMixed() throws StorageException {
        var random = new Random(7);
        List<Region> regions = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            if (regions.size() > 20) {
                Region region = regions.remove(random.nextInt(regions.size()));
                assertEquals(region.address(), Mem.getLong(region.address()));
                memory.free(region);
            }
            Region region = memory.allocate("r" + i, 8 + random.nextInt(random.nextInt(4) == 0 ? 2_000_000 : 50_000));
            assertEquals(0, Mem.getLong(region.address()));
            Mem.setLong(region.address(), region.address());
            regions.add(region);
        }
    }

    @Test
    void shouldWasteAnEighthAtMostWhenRoundingUp() {
        for (long bytes = 32768; bytes < 64 * MIB; bytes = bytes * 21 / 20 + 1) {
            long size = BlockPool.sizeFor(bytes);
            assertTrue(size >= bytes);
            assertTrue(size - bytes <= Math.max(bytes / 8, Mapper.UNIT) && size % 4096 == 0, bytes + " -> " + size);
            assertEquals(size, BlockPool.sizeFor(size));
        }
    }

    @Test
    void shouldHaveAStandardCapWhenNoneIsSet() {
        assertNotEquals(0, MemoryCap.of(0));
        assertFalse(MemoryCap.of(0) < 0);
    }
}
