package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.env.linux.file.Calls;
import dev.karst.env.linux.kernel.Kernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who holds the block devices of a function: mounts, swap areas, devices on top of them, processes that have them open. */
final class Holders {
    /** Fields of /proc/PID/mountinfo. proc_pid_mountinfo(5) */
    private static final int MOUNT_NUMBERS = 2;
    private static final int MOUNT_POINT = 4;

    private final KernelTree tree;

    Holders(KernelTree tree) {
        this.tree = tree;
    }

    /** The first that is found, for people to read. */
    Optional<String> of(Path function) {
        Map<String, Path> devices = blockDevices(tree.real(function));
        return mount(devices).or(() -> swap(devices)).or(() -> above(devices)).or(() -> process(devices)).or(() -> claim(devices));
    }

    /** By name, the folders of all block devices and partitions of the function. */
    private Map<String, Path> blockDevices(Path function) {
        Map<String, Path> devices = new TreeMap<>();
        for (Path block : tree.list(tree.at("sys/block"))) {
            Path folder = tree.real(block);
            if (folder.startsWith(function) || isPathOf(folder, function)) {
                devices.put(block.getFileName().toString(), folder);
                for (Path part : tree.list(folder)) {
                    if (Files.exists(part.resolve("partition"))) {
                        devices.put(part.getFileName().toString(), part);
                    }
                }
            }
        }
        return devices;
    }

    /** Whether this is the device of an NVM subsystem, which stands above all its controllers, and the function is one of those. */
    private boolean isPathOf(Path block, Path function) {
        Path subsystem = block.getParent();
        return subsystem.getFileName().toString().startsWith("nvme-subsys")
            && tree.list(subsystem).stream().anyMatch(link -> Files.isSymbolicLink(link) && tree.real(link).startsWith(function));
    }

    private Optional<String> mount(Map<String, Path> devices) {
        for (String line : tree.text(tree.at("proc/self/mountinfo")).split("\n")) {
            String[] fields = line.split(" ");
            int source = List.of(fields).indexOf("-") + 2;
            if (fields.length <= Math.max(source, MOUNT_POINT)) {
                continue;
            }
            for (Map.Entry<String, Path> device : devices.entrySet()) {
                if (fields[MOUNT_NUMBERS].equals(tree.text(device.getValue().resolve("dev"))) || isNode(fields[source], device.getKey())) {
                    return Optional.of(device.getKey() + " is mounted at " + fields[MOUNT_POINT]);
                }
            }
        }
        return Optional.empty();
    }

    /** Whether this names the device's node, by a link or not. */
    private boolean isNode(String path, String device) {
        return path.startsWith("/") && tree.real(tree.at(path.substring(1))).equals(tree.real(node(device)));
    }

    private Path node(String device) {
        return tree.at("dev").resolve(device);
    }

    private Optional<String> swap(Map<String, Path> devices) {
        for (String line : tree.text(tree.at("proc/swaps")).split("\n")) {
            for (String device : devices.keySet()) {
                if (isNode(line.split("\\s", 2)[0], device)) {
                    return Optional.of(device + " is swapped to");
                }
            }
        }
        return Optional.empty();
    }

    /** Device mapper and software RAID. */
    private Optional<String> above(Map<String, Path> devices) {
        for (Map.Entry<String, Path> device : devices.entrySet()) {
            for (Path holder : tree.list(device.getValue().resolve("holders"))) {
                String name = tree.text(holder.resolve("dm/name"));
                return Optional.of(device.getKey() + " is part of " + holder.getFileName() + (name.isEmpty() ? "" : " (" + name + ")"));
            }
        }
        return Optional.empty();
    }

    private Optional<String> process(Map<String, Path> devices) {
        List<Path> nodes = new ArrayList<>();
        devices.keySet().forEach(device -> nodes.add(tree.real(node(device))));
        for (Path process : devices.isEmpty() ? List.<Path>of() : processes()) {
            for (Path descriptor : tree.list(process.resolve("fd"))) {
                Path open = tree.real(descriptor);
                if (nodes.contains(open)) {
                    return Optional.of(open.getFileName() + " is open in process " + process.getFileName()
                        + " (" + tree.text(process.resolve("comm")) + ")");
                }
            }
        }
        return Optional.empty();
    }

    private List<Path> processes() {
        return tree.list(tree.at("proc")).stream().filter(folder -> folder.getFileName().toString().matches("[0-9]+")).toList();
    }

    /** Mounts that are not seen from here, and whatever else the kernel itself does with a device: it lets nobody open it alone. */
    private Optional<String> claim(Map<String, Path> devices) {
        try (Kernel kernel = Kernel.open()) {
            for (String device : devices.keySet()) {
                int fd = Calls.open(kernel, node(device), Calls.O_RDONLY | Calls.O_EXCL);
                if (fd >= 0) {
                    kernel.close(fd);
                } else if (fd == -Errno.EBUSY) {
                    return Optional.of(device + " is in use");
                }
            }
            return Optional.empty();
        }
    }
}
