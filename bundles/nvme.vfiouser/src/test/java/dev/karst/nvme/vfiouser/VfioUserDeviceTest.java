package dev.karst.nvme.vfiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.EventSet;
import dev.karst.env.PciDevice;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvme.TransportId;
import dev.karst.spec.vfiouser.Header;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class VfioUserDeviceTest {
    private static final long CAP = 512L << 20;
    private static final int PAGE = PlayedServer.PAGE;

    private final LinuxEnvironment environment = new LinuxEnvironment(CAP, false, true);
    /** The memory of another process, as far as the one under test can tell. */
    private final LinuxEnvironment others = new LinuxEnvironment(CAP, false, true);

    @TempDir
    private Path folder;
    private PlayedServer server;
    private PciDevice device;

    @BeforeEach
    void open() throws Exception {
        server = new PlayedServer(others, folder.resolve("cntrl"), (command, buffer, length) -> true);
        device = new VfioUserTransport(environment).open(TransportId.vfiouser(folder.toString()));
    }

    @AfterEach
    void close() throws Exception {
        device.close();
        server.close();
        environment.close();
        others.close();
    }

    private static void assertErrno(int errno, Executable call) {
        assertEquals(-errno, assertThrows(StorageException.class, call).code());
    }

    private void awaitGone() {
        while (!device.isGone()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldReadAndWriteTheServersRegisters() {
        Mem.setLong(server.registers.address() + 8, 0x1122_3344_8899_aabbL);
        assertEquals(0x1122_3344_8899_aabbL, device.read(0, 8, 8));
        assertEquals(0x8899_aabbL, device.read(0, 8, 4));
        device.write(0, 0x14, 4, 0xffff_ffffL);
        device.write(0, 0x28, 8, -2L);
        assertEquals(0xffff_ffffL, Mem.getLong(server.registers.address() + 0x14));
        assertEquals(-2L, Mem.getLong(server.registers.address() + 0x28));
    }

    @Test
    void shouldReadAndWriteTheConfigurationSpace() {
        Mem.setInt(server.configuration.address(), 0x1234_5678);
        assertEquals(0x78, device.readConfig(0, 1));
        assertEquals(0x5678, device.readConfig(0, 2));
        assertEquals(0x1234_5678, device.readConfig(0, 4));
        device.writeConfig(6, 2, 0xabcd);
        assertEquals(0xabcd, Mem.getU16(server.configuration.address() + 6));
        assertEquals(0xffff, device.readConfig(PAGE - 1, 2));
    }

    @Test
    void shouldLetTheDeviceReachMemoryWhenItIsOpened() {
        assertEquals(0x406, Mem.getU16(server.configuration.address() + 4));
    }

    @Test
    void shouldStoreStraightIntoTheServersMemoryWhenDoorbellsAreMapped() throws Exception {
        long doorbells = device.map(0, PAGE, PAGE);
        assertNotEquals(0, doorbells);
        Mem.setInt(doorbells + 8, 17);
        assertEquals(17, Mem.getInt(server.doorbells.address() + 8));
        device.write(0, PAGE + 12, 4, 18);
        assertEquals(18, Mem.getInt(server.doorbells.address() + 12));
        assertEquals(18, device.read(0, PAGE + 12, 4));
        assertEquals(doorbells + 8, device.map(0, PAGE + 8, 8));
    }

    @Test
    void shouldNotMapWhatTheServerDoesNotLetBeMapped() throws Exception {
        assertEquals(2 * PAGE, device.barBytes(0));
        assertEquals(0, device.barBytes(1));
        assertEquals(0, device.map(0, 0, PAGE));
        assertEquals(0, device.map(0, PAGE - 8, 16));
        assertErrno(Errno.EINVAL, () -> device.map(0, PAGE, PAGE + 1));
        assertErrno(Errno.EINVAL, () -> device.map(0, -8, 8));
        assertErrno(Errno.EINVAL, () -> device.map(1, 0, 8));
    }

    @Test
    void shouldShowTheServerEachBlockOfMemoryAtItsAddress() throws Exception {
        DmaMap dma = device.dma();
        Region first = environment.memory().allocate("first", PAGE);
        Region large = environment.memory().allocate("large", 100L << 20);
        for (Region region : new Region[] {first, large}) {
            assertEquals(region.address(), dma.iova(region.address()));
            assertEquals(region.end() - 1, dma.iova(region.end() - 1));
            assertEquals(region.bytes(), dma.contiguous(region.address(), region.bytes()));
            Mem.setLong(region.address(), 4711);
            long block = server.maps.keySet().stream().filter(at -> at <= region.address()).max(Long::compare).orElseThrow();
            long there = server.maps.get(block).map(region.address() - block & -PAGE, PAGE);
            assertEquals(4711, Mem.getLong(there));
        }
        assertTrue(server.maps.size() >= 2);
        assertEquals(DmaMap.NONE, dma.iova(8));
        assertEquals(0, dma.contiguous(8, 8));
        assertEquals(DmaMap.NONE, dma.iova(Long.MAX_VALUE - 8));
    }

    @Test
    void shouldRefuseTheRegionWhenTheServerTakesNoMoreMemory() throws Exception {
        server.mapErrno = Errno.ENOSPC;
        assertErrno(Errno.ENOSPC, () -> environment.memory().allocate("large", 100L << 20));
        assertFalse(device.isGone());
        server.mapErrno = 0;
        environment.memory().allocate("large", 100L << 20);
    }

    @Test
    void shouldTellWhenTheServerRaisesAVector() throws Exception {
        assertEquals(PlayedServer.VECTORS, device.vectors());
        device.enableInterrupts(2);
        assertEquals(0x8000_0011L, Mem.getU32(server.configuration.address() + PlayedServer.MSIX));
        EventSet events = environment.openEventSet();
        int[] told = new int[2];
        for (int vector = 0; vector < 2; vector++) {
            int which = vector;
            device.watch(vector, events, new Readiness() {
                @Override
                public void readable() {
                    told[which]++;
                }
            });
        }
        server.signals.get(1).raise();
        events.poll(TimeUnit.SECONDS.toNanos(10));
        assertEquals(0, told[0]);
        assertEquals(1, told[1]);
        device.unwatch(0);
        device.unwatch(1);
        device.enableInterrupts(0);
        assertTrue(server.signals.isEmpty());
        assertEquals(0x11, Mem.getU32(server.configuration.address() + PlayedServer.MSIX));
        assertErrno(Errno.EINVAL, () -> device.enableInterrupts(PlayedServer.VECTORS + 1));
        events.close();
    }

    @Test
    void shouldReadAllOnesWhenTheServerIsGone() throws Exception {
        device.map(0, PAGE, PAGE);
        server.hangUp();
        awaitGone();
        assertEquals(0xffff_ffffL, device.read(0, 0x1c, 4));
        assertEquals(-1, device.read(0, 0, 8));
        assertEquals(0xffff_ffffL, device.read(0, PAGE, 4));
        assertEquals(0xffff, device.readConfig(0, 2));
        device.write(0, 0x14, 4, 1);
        device.writeConfig(4, 2, 1);
        assertErrno(Errno.ENODEV, device::reset);
        environment.memory().allocate("large", 100L << 20);
    }

    @Test
    void shouldBeResetByTheServer() throws Exception {
        device.reset();
        assertEquals(1, server.resets);
    }

    @Test
    void shouldTakeAllBackWhenItIsClosed() throws Exception {
        device.enableInterrupts(1);
        device.close();
        assertTrue(server.maps.isEmpty());
        assertTrue(server.signals.isEmpty());
        assertEquals(0xffff_ffffL, device.read(0, 0, 4));
        device.close();
    }

    @Test
    void shouldSayWhatToSetWhenMemoryIsNotShared() throws Exception {
        var alone = new LinuxEnvironment(CAP, false, false);
        Path path = folder.resolve("other");
        try (var _ = new PlayedServer(others, path, (command, buffer, length) -> true)) {
            var e = assertThrows(StorageException.class, () -> VfioUserDevice.open(alone, path, 10_000));
            assertEquals(-Errno.EOPNOTSUPP, e.code());
            assertTrue(e.getMessage().contains("memory.shared = true"), e.getMessage());
        }
        assertTrue(alone.memory().regions().isEmpty());
        alone.close();
    }

    @Test
    void shouldSayWhyWhenThereIsNoServer() throws Exception {
        assertErrno(Errno.ENOENT, () -> VfioUserDevice.open(environment, folder.resolve("missing"), 10_000));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertErrno(Errno.ECONNREFUSED, () -> VfioUserDevice.open(environment, file, 10_000));
    }

    @Test
    void shouldGiveUpWhenTheServerDoesNotAnswer() throws Exception {
        Path path = folder.resolve("other");
        try (var _ = new PlayedServer(others, path, (command, buffer, length) -> {
            if (command == Header.DEVICE_GET_IRQ_INFO) {
                try {
                    Thread.sleep(200);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return true;
        })) {
            assertErrno(Errno.ETIMEDOUT, () -> VfioUserDevice.open(environment, path, 20));
        }
    }
}
