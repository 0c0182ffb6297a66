package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Pci;
import dev.karst.env.PciDevice;
import dev.karst.env.PciFunction;
import dev.karst.env.Threads;
import dev.karst.env.linux.file.Calls;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The PCI functions that Linux shows. Any control thread; one call that changes something at a time. The devices' locks come before this
 * one, and the memory's behind it.
 */
public final class LinuxPci implements Pci {
    private static final String VFIO = "vfio-pci";
    private static final String UIO = "uio_pci_generic";
    /** Of an IOMMU group whose devices see physical addresses. Documentation/ABI/testing/sysfs-kernel-iommu_groups */
    private static final String PHYSICAL = "identity";
    /** Drivers that do not keep a group from being given to a process. */
    private static final Set<String> HARMLESS = Set.of("", VFIO, "pci-stub", "pcieport");

    private final KernelTree tree;
    private final Memory memory;
    private final Threads threads;
    private final Functions functions;
    private final Binding binding;
    /** Addresses of what is open. */
    private final Set<String> open = new HashSet<>();
    /** There while something is open through it. */
    private VfioContainer container;
    private PhysicalMemory physical;
    private int physicalUsers;

    /** Those of this machine, which are shown that memory. */
    public LinuxPci(Memory memory, Threads threads) {
        this(new KernelTree(Path.of("/")), memory, threads);
    }

    LinuxPci(KernelTree tree, Memory memory, Threads threads) {
        this.tree = tree;
        this.memory = memory;
        this.threads = threads;
        functions = new Functions(tree);
        binding = new Binding(tree, functions);
    }

    @Override
    public List<PciFunction> functions() {
        return functions.all();
    }

    /** Who holds block devices of the function, so that it cannot be bound elsewhere; for people to read. */
    public Optional<String> holder(PciFunction function) {
        return binding.holder(function);
    }

    private PciFunction find(String address) throws StorageException {
        return functions.find(address).orElseThrow(() -> Pci.absent(address));
    }

    @Override
    public synchronized void bind(String address, String driver) throws StorageException {
        PciFunction function = find(address);
        checkUndriven(function);
        binding.bind(function, driver);
    }

    /** The kernel would wait for whoever drives it from user space, or leave the device with two masters. */
    private void checkUndriven(PciFunction function) throws StorageException {
        if (open.contains(function.address())) {
            throw Failure.refused(Errno.EBUSY, "take " + function.address(), "this process drives it; detach its controller first");
        }
        try (Kernel kernel = Kernel.open()) {
            if (function.driver().equals(VFIO) && (container == null || !container.has(function.iommuGroup()))) {
                int fd = Calls.open(kernel, group(function), Calls.O_RDWR);
                if (fd == -Errno.EBUSY) {
                    throw Failure.refused(Errno.EBUSY, "take " + function.address(), "another process has " + group(function));
                }
                closeOpen(kernel, fd);
            } else if (function.driver().isEmpty() || function.driver().equals(UIO)) {
                kernel.close(SysfsFunction.lock(functions.folder(function.address())));
            }
        }
    }

    private static void closeOpen(Kernel kernel, int fd) {
        if (fd >= 0) {
            kernel.close(fd);
        }
    }

    private Path group(PciFunction function) {
        return tree.at("dev/vfio").resolve(Integer.toString(function.iommuGroup()));
    }

    @Override
    public synchronized PciDevice open(String address) throws StorageException {
        PciFunction function = find(address);
        String what = "open " + function.address();
        if (open.contains(function.address())) {
            throw Failure.refused(Errno.EBUSY, what, "this process drives it already");
        }
        PciDevice device = switch (function.driver()) {
            case VFIO -> openVfio(function);
            case "", UIO -> openSysfs(function, what);
            default -> throw Failure.refused(Errno.EBUSY, what,
                "the kernel's driver " + function.driver() + " has it; take it away: nvme:pci-bind " + function.address());
        };
        open.add(function.address());
        return device;
    }

    private PciDevice openVfio(PciFunction function) throws StorageException {
        if (container == null) {
            container = new VfioContainer(tree, memory);
        }
        int number = function.iommuGroup();
        try {
            int fd = container.open(number, group(function), function.address(), others(number));
            try {
                return new VfioFunction(function.address(), fd, container.dma(), threads, () -> closed(function.address(), number));
            } catch (StorageException e) {
                try (Kernel kernel = Kernel.open()) {
                    kernel.close(fd);
                }
                container.leave(number);
                throw e;
            }
        } catch (StorageException e) {
            endContainer();
            throw e;
        }
    }

    /** What the kernel drives in the group, for people to read. */
    private String others(int group) {
        return String.join(", ", tree.list(tree.at("sys/kernel/iommu_groups/" + group + "/devices")).stream()
            .map(device -> device.getFileName() + " (" + tree.linked(device.resolve("driver")) + ")")
            .filter(text -> !HARMLESS.contains(text.substring(text.indexOf('(') + 1, text.length() - 1))).toList());
    }

    private synchronized void closed(String address, int group) {
        open.remove(address);
        container.leave(group);
        endContainer();
    }

    private void endContainer() {
        if (container.isUnused()) {
            container.close();
            container = null;
        }
    }

    private PciDevice openSysfs(PciFunction function, String what) throws StorageException {
        if (function.iommuGroup() >= 0
            && !tree.text(tree.at("sys/kernel/iommu_groups/" + function.iommuGroup() + "/type")).equals(PHYSICAL)) {
            throw Failure.refused(Errno.EPERM, what,
                "it stands behind an IOMMU, which shows it no memory without vfio-pci: nvme:pci-bind " + function.address());
        }
        if (physicalUsers == 0) {
            var shown = new PhysicalMemory(tree);
            memory.watch(shown);
            physical = shown;
        }
        physicalUsers++;
        try {
            return SysfsFunction.open(
                tree, functions.folder(function.address()), physical.dma(), () -> closed(function.address()));
        } catch (StorageException e) {
            endPhysical();
            throw e;
        }
    }

    private synchronized void closed(String address) {
        open.remove(address);
        endPhysical();
    }

    private void endPhysical() {
        physicalUsers--;
        if (physicalUsers == 0) {
            memory.unwatch(physical);
        }
    }
}
