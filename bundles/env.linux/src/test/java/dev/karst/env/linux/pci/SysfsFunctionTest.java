package dev.karst.env.linux.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.MemoryBlocks.Block;
import dev.karst.env.PciDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A function without an IOMMU, on files that stand for its registers. */
class SysfsFunctionTest {
    private static final String DEVICE = "sys/bus/pci/devices/" + PlayedMachine.BEHIND;
    private static final long MIB = 1 << 20;
    private static final long HUGE = 0x7f12_3440_0000L;
    private static final int COMMAND = 4;
    private static final int CLASS = 8;

    @TempDir
    Path folder;

    private final PlayedMemory memory = new PlayedMemory();
    private PlayedMachine machine;
    private LinuxPci pci;

    @BeforeEach
    void start() throws IOException {
        machine = new PlayedMachine(folder.toRealPath());
        byte[] space = new byte[256];
        space[CLASS + 3] = 1;
        Files.write(machine.at(DEVICE + "/config"), space);
        Files.write(machine.at(DEVICE + "/resource0"), new byte[16384]);
        machine.file(DEVICE + "/resource",
            "0x00000000fe9f0000 0x00000000fe9f3fff 0x0000000000140204\n0x0 0x0 0x0\n0xc000 0xc01f 0x40101\n");
        machine.file(DEVICE + "/reset", " ");
        Files.createDirectories(machine.at("proc/self"));
        tell(HUGE, 0x8000_0000_0010_0000L);
        tell(HUGE + 2 * MIB, 0x8000_0000_0020_0200L);
        memory.blocks.add(new Block(HUGE, 4 * MIB, true, -1));
        pci = new LinuxPci(machine, memory, null);
    }

    private void tell(long address, long entry) throws IOException {
        try (var file = new RandomAccessFile(machine.at("proc/self/pagemap").toFile(), "rw")) {
            file.seek(address / 4096 * 8);
            file.writeLong(Long.reverseBytes(entry));
        }
    }

    private PciDevice open() throws StorageException {
        return pci.open(PlayedMachine.BEHIND);
    }

    private void refused(int errno, String why) {
        var e = assertThrows(StorageException.class, this::open);
        assertEquals(-errno, e.code(), e.getMessage());
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    @Test
    void shouldResetAndLetItReachMemoryWhenOpened() throws StorageException {
        PciDevice device = open();
        assertEquals("1", machine.text(machine.at(DEVICE + "/reset")));
        assertEquals(0x406, device.readConfig(COMMAND, 2));
        assertEquals(16384, device.barBytes(0));
        assertEquals(0, device.barBytes(1));
        assertEquals(0, device.barBytes(2));
        assertEquals(0, device.vectors());
    }

    @Test
    void shouldReachTheSameRegistersByCallsAndByLoads() throws StorageException {
        PciDevice device = open();
        long doorbells = device.map(0, 0x1008, 8);
        device.write(0, 0x1008, 4, 0xdead_beefL);
        assertEquals(0xdead_beefL, Mem.getU32(doorbells));
        Mem.setLong(doorbells, 0x1122_3344_5566_7788L);
        assertEquals(0x1122_3344_5566_7788L, device.read(0, 0x1008, 8));
        assertEquals(0x5566_7788L, device.read(0, 0x1008, 4));
    }

    @Test
    void shouldRefuseToMapWhatTheRangeDoesNotHave() throws StorageException {
        PciDevice device = open();
        for (long[] range : new long[][] {{0, 0, 16385}, {0, -4096, 4096}, {0, 16384, 1}, {1, 0, 4096}, {6, 0, 1}, {0, 1, Long.MAX_VALUE}}) {
            assertEquals(-Errno.EINVAL,
                assertThrows(StorageException.class, () -> device.map((int) range[0], range[1], range[2])).code());
        }
    }

    @Test
    void shouldFindMemoryWhereItsHugePagesLie() throws StorageException {
        DmaMap dma = open().dma();
        assertEquals(0x1_0000_0000L + 5, dma.iova(HUGE + 5));
        assertEquals(0x2_0020_0000L, dma.iova(HUGE + 2 * MIB));
        assertEquals(2 * MIB, dma.contiguous(HUGE, 4 * MIB));
    }

    @Test
    void shouldRefuseWhenMemoryLiesInPlainPages() throws StorageException {
        memory.blocks.add(new Block(HUGE + 8 * MIB, 2 * MIB, false, -1));
        refused(Errno.ENOMEM, "vm.nr_hugepages");
        memory.blocks.removeLast();
        open();
        memory.blocks.add(new Block(HUGE + 8 * MIB, 2 * MIB, false, -1));
        assertThrows(StorageException.class, memory::tellLast);
    }

    @Test
    void shouldRefuseWhenTheKernelHidesWhereMemoryLies() throws IOException {
        tell(HUGE, 0x8000_0000_0000_0000L);
        refused(Errno.EPERM, "CAP_SYS_ADMIN");
    }

    @Test
    void shouldRefuseWhenAnIommuStandsBeforeIt() throws StorageException {
        machine.link(DEVICE + "/iommu_group", "sys/kernel/iommu_groups/9");
        machine.file("sys/kernel/iommu_groups/9/type", "DMA-FQ\n");
        refused(Errno.EPERM, "nvme:pci-bind");
        machine.file("sys/kernel/iommu_groups/9/type", "identity\n");
        open();
    }

    @Test
    void shouldRefuseWhenAKernelDriverHasIt() {
        var e = assertThrows(StorageException.class, () -> pci.open(PlayedMachine.DISK));
        assertEquals(-Errno.EBUSY, e.code());
        assertTrue(e.getMessage().contains("driver nvme has it"), e.getMessage());
    }

    @Test
    void shouldRefuseASecondTimeWhileItIsOpen() throws StorageException {
        PciDevice device = open();
        refused(Errno.EBUSY, "this process drives it");
        assertEquals(-Errno.EBUSY, assertThrows(StorageException.class, () -> pci.bind(PlayedMachine.BEHIND, "nvme")).code());
        device.close();
        open().close();
        assertFalse(memory.isWatched());
    }

    @Test
    void shouldRefuseWhenAnotherProcessHasIt() throws StorageException {
        var other = new LinuxPci(machine, memory, null).open(PlayedMachine.BEHIND);
        refused(Errno.EBUSY, "another process");
        assertEquals(-Errno.EBUSY, assertThrows(StorageException.class, () -> pci.bind(PlayedMachine.BEHIND, "nvme")).code());
        other.close();
        open();
    }

    @Test
    void shouldReadOnesWhenItVanished() throws Exception {
        PciDevice device = open();
        long registers = device.map(0, 0, 4096);
        try (var space = new RandomAccessFile(machine.at(DEVICE + "/config").toFile(), "rw")) {
            space.seek(CLASS);
            space.writeInt(-1);
        }
        assertTrue(device.isGone());
        assertEquals(-1, Mem.getLong(registers));
        assertEquals(0xffff_ffffL, device.read(0, 0x1c, 4));
        assertEquals(-1, device.read(0, 0, 8));
        assertEquals(0xff, device.readConfig(0, 1));
        device.write(0, 0x14, 4, 0);
        assertEquals(-Errno.ENODEV, assertThrows(StorageException.class, device::reset).code());
        assertEquals(-Errno.ENODEV, assertThrows(StorageException.class, () -> device.map(0, 0, 4096)).code());
    }

    @Test
    void shouldSeeThatItVanishedWhenARegisterIsRead() throws Exception {
        PciDevice device = open();
        assertEquals(0, device.read(0, 0x1c, 4));
        Files.write(machine.at(DEVICE + "/config"), new byte[0]);
        assertEquals(0xffff_ffffL, device.read(0, 0x1c, 4));
        assertTrue(device.isGone());
    }

    /** What docs/layers/env.md says of HotSpot: the store does not end the process. */
    @Test
    void shouldThrowWhenTheRegistersVanishUnderAStore() throws Exception {
        PciDevice device = open();
        long registers = device.map(0, 0, 4096);
        Mem.setInt(registers, 1);
        Files.write(machine.at(DEVICE + "/resource0"), new byte[0]);
        assertThrows(InternalError.class, () -> Mem.setInt(registers, 1));
        device.close();
        Mem.setInt(registers, 1);
    }

    @Test
    void shouldLeaveTheDeviceAloneWhenItIsClosed() throws Exception {
        PciDevice device = open();
        long registers = device.map(0, 0, 4096);
        device.close();
        device.close();
        assertEquals(-1, Mem.getLong(registers));
        Mem.setLong(registers, 0);
        device.write(0, 0, 8, 0x55);
        assertEquals(0, Files.readAllBytes(machine.at(DEVICE + "/resource0"))[0]);
        assertEquals(0x02, Files.readAllBytes(machine.at(DEVICE + "/config"))[COMMAND], "it may still reach memory");
    }

    @Test
    void shouldSayThatThereAreNoInterruptsWhenTheyAreEnabled() throws StorageException {
        PciDevice device = open();
        device.enableInterrupts(0);
        assertEquals(-Errno.EOPNOTSUPP, assertThrows(StorageException.class, () -> device.enableInterrupts(1)).code());
    }
}
