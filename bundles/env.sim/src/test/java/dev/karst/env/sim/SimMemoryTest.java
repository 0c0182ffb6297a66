package dev.karst.env.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.env.View;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Simulated memory shows mistakes. */
class SimMemoryTest {
    private final SimFaults faults = new SimFaults();
    private final SimMemory memory = new SimMemory(faults);

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void shouldRefuseStaleAndNeighbouringAccessWhenChecked() throws Exception {
        Region region = memory.allocate("test", 100);
        Mem.setByte(region.address() + 99, (byte) 1);
        assertThrows(IndexOutOfBoundsException.class, () -> Mem.getByte(region.end()));
        memory.free(region);
        assertThrows(IndexOutOfBoundsException.class, () -> Mem.getByte(region.address()));
        assertThrows(IllegalStateException.class, () -> memory.free(region));
    }

    @Test
    void shouldZeroWhatItGivesOutAgain() throws Exception {
        for (int i = 0; i < 10; i++) {
            Region region = memory.allocate("test", 4096);
            assertEquals(0, Mem.getLong(region.address() + 4088));
            Mem.fill(region.address(), 4096, (byte) 1);
            memory.free(region);
        }
        assertEquals(0, memory.givenBytes());
    }

    @Test
    void shouldGiveTheSameRegionWhenTheNameIsTheSame() throws Exception {
        Region first = memory.named("state", 4096);
        Mem.setByte(first.address(), (byte) 7);
        assertSame(first, memory.named("state", 4096));
        assertEquals(-Errno.EEXIST, assertThrows(StorageException.class, () -> memory.named("state", 9000)).code());
        memory.free(first);
        assertEquals(0, Mem.getByte(memory.named("state", 4096).address()));
    }

    @Test
    void shouldStayWhenFreedUntilNobodyHoldsIt() throws Exception {
        Region region = memory.allocate("test", 4096);
        Mem.setByte(region.address(), (byte) 7);
        View view = new View();
        view.show(region, region.address());
        View taken = new View();
        taken.take(view);
        memory.free(region);
        view.release();
        assertEquals(0, memory.regions().size());
        assertEquals(7, Mem.getByte(taken.address()));
        taken.release();
        assertEquals(0, memory.givenBytes());
        assertThrows(IndexOutOfBoundsException.class, () -> Mem.getByte(region.address()));
    }

    @Test
    void shouldRunOutWhenToldTo() {
        faults.memoryBytes = 4096;
        assertEquals(-Errno.ENOMEM, assertThrows(StorageException.class, () -> memory.allocate("test", 4097)).code());
    }
}
