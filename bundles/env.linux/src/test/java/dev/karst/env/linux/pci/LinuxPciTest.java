package dev.karst.env.linux.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.PciFunction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxPciTest {
    private static final String DEVICES = "sys/bus/pci/devices/";

    @TempDir
    Path folder;

    private PlayedMachine machine;
    private LinuxPci pci;

    @BeforeEach
    void start() throws IOException {
        machine = new PlayedMachine(folder.toRealPath());
        pci = new LinuxPci(machine, new PlayedMemory(), null);
    }

    private String driver(String address) {
        return pci.functions().stream().filter(function -> function.address().equals(address)).findFirst().orElseThrow().driver();
    }

    private void refused(int errno, String why, String address, String driver) {
        var e = assertThrows(StorageException.class, () -> pci.bind(address, driver));
        assertEquals(-errno, e.code(), e.getMessage());
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    @Test
    void shouldListFunctionsInOrder() {
        assertEquals(
            List.of(
                new PciFunction(PlayedMachine.DISK, 0x1b36, 0x10, 0x1af4, 0x1100, PciFunction.NVME, "nvme", 7, -1),
                new PciFunction(PlayedMachine.BRIDGE, 0x1b36, 0xc, 0x1af4, 0x1100, 0x060400, "pcieport", -1, -1),
                new PciFunction(PlayedMachine.BEHIND, 0x144d, 0xa80a, 0x1af4, 0x1100, PciFunction.NVME, "", -1, -1)),
            pci.functions());
    }

    @Test
    void shouldListNothingWhenThereIsNoBus() {
        assertEquals(List.of(), new LinuxPci(new KernelTree(folder.resolve("nowhere")), null, null).functions());
    }

    @Test
    void shouldGiveTheFunctionToTheDriverWhenNothingUsesIt() throws StorageException {
        pci.bind(PlayedMachine.DISK, "vfio-pci");
        assertEquals("vfio-pci", driver(PlayedMachine.DISK));
        assertEquals(
            List.of(
                DEVICES + PlayedMachine.DISK + "/driver_override vfio-pci",
                DEVICES + PlayedMachine.DISK + "/driver/unbind " + PlayedMachine.DISK,
                "sys/bus/pci/drivers_probe " + PlayedMachine.DISK),
            machine.written);
    }

    @Test
    void shouldLeaveItWithoutDriverWhenNoneIsAskedFor() throws StorageException {
        pci.bind(PlayedMachine.DISK, "none");
        assertEquals("", driver(PlayedMachine.DISK));
        assertEquals("none", machine.text(machine.at(DEVICES + PlayedMachine.DISK + "/driver_override")));
    }

    @Test
    void shouldLetTheKernelChooseWhenNoDriverIsNamed() throws StorageException {
        pci.bind(PlayedMachine.DISK, "vfio-pci");
        machine.file(DEVICES + PlayedMachine.DISK + "/driver_override", "");
        pci.bind(PlayedMachine.DISK, "");
        assertEquals("nvme", driver(PlayedMachine.DISK));
    }

    @Test
    void shouldChangeNothingWhenTheDriverHasItAlready() throws StorageException {
        pci.bind("00:10.0", "nvme");
        pci.bind(PlayedMachine.BEHIND, "none");
        assertEquals(List.of(), machine.written);
    }

    @Test
    void shouldSayWhatIsMissingWhenThereIsNoSuchFunctionOrDriver() {
        refused(Errno.ENODEV, "no PCI function 0000:00:1f.0", "0000:00:1f.0", "vfio-pci");
        refused(Errno.ENODEV, "no PCI function ../../block", "../../block", "vfio-pci");
        refused(Errno.ENODEV, "modprobe igb_uio", PlayedMachine.DISK, "igb_uio");
        refused(Errno.ENODEV, "no such driver", PlayedMachine.DISK, "../devices");
        assertEquals(List.of(), machine.written);
    }

    @Test
    void shouldSayTheDriverThatItHasWhenTheKernelDoesNotBindIt() {
        machine.drivesDisk = false;
        refused(Errno.EIO, "its driver is none now", PlayedMachine.DISK, "vfio-pci");
    }

    private void heldBy(String why) {
        refused(Errno.EBUSY, why, PlayedMachine.DISK, "vfio-pci");
        assertEquals(List.of(), machine.written);
        assertEquals("nvme", driver(PlayedMachine.DISK));
    }

    @Test
    void shouldNameTheMountWhenAPartitionIsMounted() {
        machine.file("proc/self/mountinfo", "30 22 259:2 / /srv/data rw shared:9 - xfs /dev/whatever rw\n");
        heldBy("nvme0n1p2 is mounted at /srv/data");
    }

    @Test
    void shouldNameTheMountWhenTheFileSystemHasANumberOfItsOwn() {
        machine.file("proc/self/mountinfo", "30 22 0:41 /sub /home rw shared:9 - btrfs /dev/nvme0n1p2 rw\n");
        heldBy("nvme0n1p2 is mounted at /home");
    }

    @Test
    void shouldNameTheDeviceWhenItIsSwappedTo() {
        machine.file("proc/swaps", "Filename Type Size Used Priority\n/dev/nvme0n1p2 partition 100 0 -2\n");
        heldBy("nvme0n1p2 is swapped to");
    }

    @Test
    void shouldNameTheVolumeWhenADeviceStandsOnIt() {
        machine.file("sys/block/dm-3/dm/name", "vg0-home\n");
        machine.link("sys/devices/pci0000:00/" + PlayedMachine.DISK + "/nvme/nvme0/nvme0n1/holders/dm-3", "sys/block/dm-3");
        heldBy("nvme0n1 is part of dm-3 (vg0-home)");
    }

    @Test
    void shouldNameTheProcessWhenOneHasItOpen() throws IOException {
        machine.file("proc/4711/comm", "fio\n");
        java.nio.file.Files.createDirectories(machine.at("proc/4711/fd"));
        java.nio.file.Files.createSymbolicLink(machine.at("proc/4711/fd/3"), machine.at("dev/nvme0n1"));
        heldBy("nvme0n1 is open in process 4711 (fio)");
    }

    @Test
    void shouldNameTheMountWhenTheDeviceStandsAboveSeveralControllers() throws IOException {
        String subsystem = "sys/devices/virtual/nvme-subsystem/nvme-subsys0";
        machine.file(subsystem + "/nvme0n2/dev", "259:9\n");
        machine.link("sys/block/nvme0n2", subsystem + "/nvme0n2");
        machine.link(subsystem + "/nvme0", "sys/devices/pci0000:00/" + PlayedMachine.DISK + "/nvme/nvme0");
        machine.file("proc/self/mountinfo", "30 22 259:9 / /pool rw shared:9 - ext4 /dev/nvme0n2 rw\n");
        heldBy("nvme0n2 is mounted at /pool");
    }
}
