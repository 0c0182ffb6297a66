package dev.karst.env.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.PciFunction;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The simulated bus: slots, registers, memory as a device sees it, interrupts. */
class SimPciTest {
    private static final String ADDRESS = "0000:00:04.0";

    /** A device whose first register, when written, makes it raise vector 1. */
    private static final class Bell extends SimPciDevice {
        private final long registers;
        private final SimSchedule schedule;
        private boolean rung;

        Bell(SimEnvironment environment, long seed) {
            super(environment, new SimRandom(seed), new PciFunction(ADDRESS, 0x1234, 0x5678, 0x1234, 1, PciFunction.NVME, "",
                3, 0), 2);
            registers = addBar(0, 4096);
            schedule = environment.schedule();
        }

        @Override
        protected void look() {
            if (!rung && Mem.getInt(registers) != 0) {
                rung = true;
                schedule.after(10, () -> raise(1));
            }
        }

        @Override
        protected void functionReset() {
            Mem.setInt(registers, 0);
        }

        @Override
        protected void removed() {
            rung = true;
        }
    }

    private final SimEnvironment environment = new SimEnvironment(new SimRandom(1), 1);
    private final Bell bell = new Bell(environment, 2);

    @AfterEach
    void close() {
        environment.close();
    }

    private static int code(StorageException failure) {
        return failure.code();
    }

    @Test
    void shouldListAndHandOutADeviceOnceUntilItIsGivenBack() throws Exception {
        environment.pci().plug(bell);
        PciFunction found = environment.pci().functions().getFirst();
        assertEquals("vfio-pci", found.driver());
        assertEquals(0x5678, bell.readConfig(2, 2));
        assertEquals(PciFunction.NVME, bell.readConfig(8, 4) >>> 8);
        environment.pci().open(ADDRESS);
        assertEquals(-Errno.EBUSY, code(assertThrows(StorageException.class, () -> environment.pci().open(ADDRESS))));
        assertEquals(-Errno.EBUSY, code(assertThrows(StorageException.class, () -> environment.pci().bind(ADDRESS, ""))));
        bell.close();
        environment.pci().bind(ADDRESS, "");
        assertEquals(-Errno.EBUSY, code(assertThrows(StorageException.class, () -> environment.pci().open(ADDRESS))));
        assertEquals(-Errno.ENODEV, code(assertThrows(StorageException.class, () -> environment.pci().open("0000:00:05.0"))));
    }

    @Test
    void shouldFindMemoryElsewhereAndRefuseWhatIsNotGivenOut() throws Exception {
        boolean scattered = false;
        for (long seed = 0; seed < 10; seed++) {
            SimDma dma = new Bell(environment, seed).memory();
            DmaMap map = dma.map();
            Region region = environment.memory().allocate("test", 16 * 4096);
            Mem.setInt(region.address() + 5000, 77);
            long iova = map.iova(region.address() + 5000);
            assertNotEquals(region.address() + 5000, iova);
            byte[] read = new byte[4];
            assertTrue(dma.read(iova, read, 0, 4));
            assertArrayEquals(new byte[] {77, 0, 0, 0}, read);
            long piece = map.contiguous(region.address(), region.bytes());
            scattered |= piece < region.bytes();
            assertTrue(dma.write(map.iova(region.address()), new byte[(int) piece], 0, (int) piece));
            assertEquals(0, Mem.getInt(region.address()));
            environment.memory().free(region);
            assertFalse(dma.read(iova, read, 0, 4));
            assertTrue(dma.faults().getFirst().contains("not given out"));
            assertFalse(dma.read(0, read, 0, 4));
            assertTrue(dma.faults().getLast().contains("not mapped"));
            assertEquals(DmaMap.NONE, map.iova(region.address() - 1));
            assertEquals(0, map.contiguous(region.end(), 1));
        }
        assertTrue(scattered);
    }

    @Test
    void shouldTouchNothingMoreWhenItWasGivenBack() throws Exception {
        environment.pci().plug(bell);
        environment.pci().open(ADDRESS);
        Region region = environment.memory().allocate("test", 4096);
        long iova = bell.dma().iova(region.address());
        assertTrue(bell.memory().isReachable(iova, 4096));
        bell.close();
        assertFalse(bell.memory().isReachable(iova, 4096));
        environment.pci().open(ADDRESS);
        assertTrue(bell.memory().isReachable(iova, 4096));
    }

    @Test
    void shouldTellOfAnInterruptOnceHoweverOftenItWasRaised() throws Exception {
        environment.pci().plug(bell);
        environment.pci().open(ADDRESS);
        bell.enableInterrupts(2);
        int[] told = new int[1];
        SimEventSet events = environment.openEventSet();
        bell.watch(1, events, new Readiness() {
            @Override
            public void readable() {
                told[0]++;
            }
        });
        bell.write(0, 0, 4, 1);
        long due = environment.schedule().nextNanos();
        environment.clock().advanceTo(due);
        environment.schedule().runNext();
        bell.raise(1);
        events.poll(0);
        events.poll(0);
        assertEquals(1, told[0]);
        assertThrows(StorageException.class, () -> bell.enableInterrupts(3));
        bell.enableInterrupts(1);
        bell.raise(1);
        assertFalse(events.isReady());
    }

    @Test
    void shouldReadAllOnesWhateverIsWrittenWhenItIsGone() throws Exception {
        environment.pci().plug(bell);
        environment.pci().open(ADDRESS);
        long registers = bell.map(0, 0, 4096);
        environment.pci().unplug(bell);
        assertTrue(bell.isGone());
        Mem.setInt(registers, 5);
        environment.schedule().nextNanos();
        assertEquals(-1, Mem.getInt(registers));
        assertEquals(-1, bell.read(0, 0, 8));
        assertEquals(0xff, bell.readConfig(0, 1));
        assertEquals(-Errno.ENODEV, code(assertThrows(StorageException.class, bell::reset)));
        assertThrows(StorageException.class, () -> bell.map(0, 4000, 97));
    }
}
