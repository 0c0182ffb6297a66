package dev.karst.env.linux.pci;

import dev.karst.env.PciFunction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The functions in /sys/bus/pci. Documentation/ABI/testing/sysfs-bus-pci */
final class Functions {
    private static final Pattern ADDRESS = Pattern.compile("([0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

    private final KernelTree tree;

    Functions(KernelTree tree) {
        this.tree = tree;
    }

    List<PciFunction> all() {
        return tree.list(tree.at("sys/bus/pci/devices")).stream().map(this::read).toList();
    }

    /** The function at this address, which may lack its domain and be in capitals. */
    Optional<PciFunction> find(String address) {
        String full = address.toLowerCase(Locale.ROOT);
        if (!ADDRESS.matcher(full).matches()) {
            return Optional.empty();
        }
        Path folder = folder(full.length() == "00:00.0".length() ? "0000:" + full : full);
        return Files.isDirectory(folder) ? Optional.of(read(folder)) : Optional.empty();
    }

    /** Its folder. */
    Path folder(String address) {
        return tree.at("sys/bus/pci/devices").resolve(address);
    }

    private PciFunction read(Path folder) {
        String group = tree.linked(folder.resolve("iommu_group"));
        return new PciFunction(
            folder.getFileName().toString(), number(folder, "vendor"), number(folder, "device"), number(folder, "subsystem_vendor"),
            number(folder, "subsystem_device"), number(folder, "class"), tree.linked(folder.resolve("driver")),
            group.isEmpty() ? -1 : Integer.parseInt(group), node(folder));
    }

    private int number(Path folder, String name) {
        String text = tree.text(folder.resolve(name));
        return text.isEmpty() ? 0 : Integer.decode(text);
    }

    private int node(Path folder) {
        String text = tree.text(folder.resolve("numa_node"));
        return text.isEmpty() ? -1 : Integer.parseInt(text);
    }
}
