package dev.karst.env.linux.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.Region;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryBlocksTest {
    private static final long MIB = 1 << 20;
    private static final int READ_WRITE = 3;
    private static final int SHARED = 1;

    private final List<MemoryBlocks.Block> told = new ArrayList<>();
    private final StorageException refusal = StorageException.errno(Errno.ENOSPC, "no room for more blocks");
    private boolean refuse;

    private void add(MemoryBlocks.Block block) throws StorageException {
        if (refuse) {
            throw refusal;
        }
        told.add(block);
    }

    private MemoryBlocks.Block around(Region region) {
        return told.stream()
            .filter(block -> block.address() <= region.address() && region.end() <= block.address() + block.bytes())
            .findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellOfTheBlockOfEachRegionWhenWatched(boolean shared) throws StorageException {
        var memory = new LinuxMemory(300 * MIB, shared);
        Region before = memory.allocate("before", 3 * MIB);
        memory.watch(this::add);
        around(before);
        for (long bytes : new long[] {100, 40_000, MIB, 7 * MIB, 80 * MIB}) {
            MemoryBlocks.Block block = around(memory.allocate("later", bytes));
            assertEquals(0, block.address() % 4096);
            assertEquals(shared, block.descriptor() >= 0);
        }
        assertEquals(told.size(), told.stream().distinct().count());
    }

    @Test
    void shouldGiveTheOtherMappingTheSameBytesWhenMemoryIsShared() throws StorageException {
        var memory = new LinuxMemory(64 * MIB, true);
        memory.watch(this::add);
        Region region = memory.allocate("test", 8192);
        MemoryBlocks.Block block = around(region);
        try (Kernel kernel = Kernel.open()) {
            long other = kernel.map(block.bytes(), READ_WRITE, SHARED, block.descriptor(), 0);
            assertTrue(other > 0, "mapped at " + other);
            MemorySegment there = MemorySegment.ofAddress(other + region.address() - block.address()).reinterpret(8192);
            there.set(ValueLayout.JAVA_LONG, 4096, 42);
            assertEquals(42, Mem.getLong(region.address() + 4096));
            Mem.setLong(region.address(), 43);
            assertEquals(43, there.get(ValueLayout.JAVA_LONG, 0));
            kernel.call(Syscall.MUNMAP, other, block.bytes(), 0);
        }
    }

    @Test
    void shouldRefuseTheRegionWhenItsBlockIsRefused() throws StorageException {
        var memory = new LinuxMemory(4 * MIB);
        memory.watch(this::add);
        refuse = true;
        for (int times = 0; times < 5; times++) {
            assertSame(refusal, assertThrows(StorageException.class, () -> memory.allocate("test", 4 * MIB)));
        }
        assertTrue(memory.regions().isEmpty());
        refuse = false;
        around(memory.allocate("test", 4 * MIB));
    }

    @Test
    void shouldTellNobodyTwiceWhenAnotherRefused() throws StorageException {
        var memory = new LinuxMemory(64 * MIB);
        memory.watch(told::add);
        MemoryBlocks other = block -> {
            throw refusal;
        };
        memory.watch(other);
        assertThrows(StorageException.class, () -> memory.allocate("test", MIB));
        assertThrows(StorageException.class, () -> memory.allocate("test", MIB));
        memory.unwatch(other);
        around(memory.allocate("test", MIB));
        assertEquals(1, told.size());
    }

    @Test
    void shouldTellNoMoreWhenTheListenerThrewOrLeft() throws StorageException {
        var memory = new LinuxMemory(64 * MIB);
        memory.allocate("test", 4096);
        refuse = true;
        MemoryBlocks listener = this::add;
        assertSame(refusal, assertThrows(StorageException.class, () -> memory.watch(listener)));
        memory.allocate("test", 4 * MIB);
        refuse = false;
        memory.watch(listener);
        assertEquals(2, told.size());
        memory.unwatch(listener);
        memory.allocate("test", 8 * MIB);
        assertEquals(2, told.size());
    }

    @Test
    void shouldKeepToTheCapWhenMemoryIsShared() throws StorageException {
        var memory = new LinuxMemory(67 * MIB, true);
        memory.allocate("one", 4096);
        memory.allocate("two", 60 * MIB);
        memory.allocate("three", 2 * MIB);
        memory.allocate("four", 2 * MIB);
        assertEquals(-Errno.ENOMEM, assertThrows(StorageException.class, () -> memory.allocate("five", 2 * MIB)).code());
    }

    @Test
    void shouldReadZerosWhenSharedMemoryIsUsedAgain() throws StorageException {
        var memory = new LinuxMemory(64 * MIB, true);
        Region first = memory.allocate("first", MIB);
        Mem.fill(first.address(), MIB, (byte) 7);
        memory.free(first);
        Region second = memory.allocate("second", MIB);
        assertEquals(first.address(), second.address());
        assertEquals(0, Mem.getLong(second.address()));
        assertEquals(0, Mem.getLong(second.end() - 8));
    }
}
