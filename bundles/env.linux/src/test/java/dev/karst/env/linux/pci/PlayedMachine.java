package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The folders sys, proc and dev of a machine, and what its kernel does when the attributes of binding are written. */
final class PlayedMachine extends KernelTree {
    static final String DISK = "0000:00:10.0";
    static final String BRIDGE = "0000:00:11.0";
    static final String BEHIND = "0000:01:00.0";

    final List<String> written = new ArrayList<>();
    /** A driver that the kernel would choose for the disk; whether it can be bound. */
    boolean drivesDisk = true;
    private final Path root;

    PlayedMachine(Path root) throws IOException {
        super(root);
        this.root = root;
        for (String driver : List.of("nvme", "vfio-pci", "uio_pci_generic", "pcieport")) {
            Files.createDirectories(at("sys/bus/pci/drivers/" + driver));
        }
        file("sys/bus/pci/drivers_probe", "");
        file("proc/self/mountinfo", "22 1 254:1 / / rw shared:1 - ext4 /dev/vda1 rw\n");
        file("proc/swaps", "Filename\t\t\tType\t\tSize\n");
        function("pci0000:00/" + DISK, "0x1b36", "0x0010", "0x010802", "nvme");
        function("pci0000:00/" + BRIDGE, "0x1b36", "0x000c", "0x060400", "pcieport");
        function("pci0000:00/" + BRIDGE + "/" + BEHIND, "0x144d", "0xa80a", "0x010802", "");
        link("sys/bus/pci/devices/" + DISK + "/iommu_group", "sys/kernel/iommu_groups/7");
        block(DISK, "nvme0n1", "259:0");
        block(DISK, "nvme0n1/nvme0n1p2", "259:2");
        file("sys/block/nvme0n1/nvme0n1p2/partition", "2\n");
    }

    void file(String path, String text) {
        try {
            Files.createDirectories(at(path).getParent());
            Files.writeString(at(path), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void link(String path, String to) {
        try {
            Files.createDirectories(at(to));
            Files.createDirectories(at(path).getParent());
            Files.deleteIfExists(at(path));
            Files.createSymbolicLink(at(path), at(to));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void function(String folder, String vendor, String device, String classCode, String driver) {
        String at = "sys/devices/" + folder;
        file(at + "/vendor", vendor + "\n");
        file(at + "/device", device + "\n");
        file(at + "/subsystem_vendor", "0x1af4\n");
        file(at + "/subsystem_device", "0x1100\n");
        file(at + "/class", classCode + "\n");
        file(at + "/numa_node", "-1\n");
        file(at + "/driver_override", "");
        file(at + "/config", "");
        String address = folder.substring(folder.lastIndexOf('/') + 1);
        link("sys/bus/pci/devices/" + address, at);
        if (!driver.isEmpty()) {
            link(at + "/driver", "sys/bus/pci/drivers/" + driver);
            file("sys/bus/pci/drivers/" + driver + "/unbind", "");
        }
    }

    private void block(String address, String name, String numbers) {
        String folder = "sys/devices/pci0000:00/" + address + "/nvme/nvme0/" + name;
        file(folder + "/dev", numbers + "\n");
        file("dev/" + name.substring(name.lastIndexOf('/') + 1), "");
        if (name.indexOf('/') < 0) {
            link("sys/block/" + name, folder);
        }
    }

    @Override
    void write(Path file, String text) throws StorageException {
        written.add(root.relativize(file) + " " + text.strip());
        super.write(file, text);
        try {
            act(file, text.strip());
        } catch (IOException e) {
            throw StorageException.errno(Errno.EIO, e.toString());
        }
    }

    private void act(Path file, String address) throws IOException {
        Path folder = at("sys/bus/pci/devices").resolve(address);
        if (file.endsWith("unbind")) {
            Files.delete(folder.resolve("driver"));
        } else if (file.endsWith("drivers_probe")) {
            String override = text(folder.resolve("driver_override"));
            String driver = override.isEmpty() ? "nvme" : override;
            if (drivesDisk) {
                link(root.relativize(folder.resolve("driver")).toString(), "sys/bus/pci/drivers/" + driver);
                file("sys/bus/pci/drivers/" + driver + "/unbind", "");
            }
        }
    }
}
