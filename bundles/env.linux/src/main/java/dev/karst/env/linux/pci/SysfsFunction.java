package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.linux.file.Calls;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A function without an IOMMU, reached through its files in /sys: no interrupts come to the process, and nothing keeps the device from
 * any memory. The file {@code config} is locked as long, so that a second process does not take it.
 */
final class SysfsFunction extends HeldFunction {
    private static final int BARS = 6;
    /** include/linux/ioport.h */
    private static final long IORESOURCE_MEM = 0x200;
    /** include/uapi/asm-generic/fcntl.h */
    private static final int LOCK_EX_NB = 6;

    private final KernelTree tree;
    private final Path folder;
    private final DmaMap dma;
    private final int config;
    /** Held for the kernel, which keeps the device from memory when this process ends; -1 for none. */
    private final int uio;
    private final long[] barBytes = new long[BARS];
    /** Descriptors of the resource files, -1 for those that are not open, and where they are mapped for single registers. */
    private final int[] resources = new int[BARS];
    private final long[] windows = new long[BARS];

    private SysfsFunction(KernelTree tree, Path folder, DmaMap dma, Runnable onClose) throws StorageException {
        super(folder.getFileName().toString(), onClose);
        this.tree = tree;
        this.folder = folder;
        this.dma = dma;
        Arrays.fill(resources, -1);
        config = lock(folder);
        try (Kernel kernel = Kernel.open()) {
            var nodes = tree.list(folder.resolve("uio"));
            uio = nodes.isEmpty() ? -1 : Calls.open(kernel, tree.at("dev").resolve(nodes.getFirst().getFileName()), Calls.O_RDWR);
        }
        readResources();
    }

    /** Takes a device that nobody drives; what was left running in it is ended, where it can be. */
    static SysfsFunction open(KernelTree tree, Path folder, DmaMap dma, Runnable onClose) throws StorageException {
        var function = new SysfsFunction(tree, folder, dma, onClose);
        try {
            if (Files.exists(folder.resolve("reset"))) {
                function.resetFunction();
            }
            function.begin();
            return function;
        } catch (StorageException e) {
            function.release();
            throw e;
        }
    }

    /**
     * The configuration space, locked.
     *
     * @throws StorageException EBUSY when another process has locked it; or what the system says
     */
    static int lock(Path folder) throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            int fd = Calls.open(kernel, folder.resolve("config"), Calls.O_RDWR);
            long result = fd < 0 ? fd : kernel.call(Syscall.FLOCK, fd, LOCK_EX_NB, 0);
            if (result < 0 && fd >= 0) {
                kernel.close(fd);
                throw Failure.refused(Errno.EBUSY, "open " + folder.getFileName(), "another process drives it");
            }
            if (result < 0) {
                throw Failure.of(result, "open " + folder.resolve("config"));
            }
            return fd;
        }
    }

    /** Each line: the first address, the last, what it is. */
    private void readResources() {
        String[] lines = tree.text(folder.resolve("resource")).split("\n");
        for (int bar = 0; bar < Math.min(BARS, lines.length); bar++) {
            String[] figures = lines[bar].split(" ");
            if (figures.length == 3 && (Long.decode(figures[2]) & IORESOURCE_MEM) != 0) {
                barBytes[bar] = Long.decode(figures[1]) - Long.decode(figures[0]) + 1;
            }
        }
    }

    @Override
    public long barBytes(int bar) {
        return barBytes[bar];
    }

    @Override
    long readSpace(int offset, int bytes) {
        try (Kernel kernel = Kernel.open()) {
            Mem.setLong(kernel.scratch, 0);
            long result = kernel.call(Syscall.PREAD64, config, kernel.scratch, bytes, offset, 0);
            return result == bytes ? Mem.getLong(kernel.scratch) : -1;
        }
    }

    @Override
    void writeSpace(int offset, int bytes, long value) {
        try (Kernel kernel = Kernel.open()) {
            Mem.setLong(kernel.scratch, value);
            kernel.call(Syscall.PWRITE64, config, kernel.scratch, bytes, offset, 0);
        }
    }

    @Override
    long map(BarMappings mappings, int bar, long offset, long bytes) throws StorageException {
        if (resources[bar] < 0) {
            Path file = folder.resolve("resource" + bar);
            try (Kernel kernel = Kernel.open()) {
                resources[bar] = Calls.open(kernel, file, Calls.O_RDWR);
            }
            if (resources[bar] < 0) {
                throw Failure.of(resources[bar], "open " + file);
            }
        }
        return mappings.map(resources[bar], 0, offset, bytes, "map BAR " + bar + " of " + address());
    }

    private long window(int bar, long offset, int bytes) throws StorageException {
        if (offset < 0 || bar < 0 || bar >= BARS || offset + bytes > barBytes[bar]) {
            throw Failure.refused(Errno.EINVAL, "reach " + bytes + " bytes at " + offset + " of BAR " + bar, "it is not that long");
        }
        if (windows[bar] == 0) {
            windows[bar] = map(mappings(), bar, 0, barBytes[bar]);
        }
        return windows[bar] + offset;
    }

    @Override
    long readRegister(int bar, long offset, int bytes) {
        try {
            long at = window(bar, offset, bytes);
            return isGone() ? -1L >>> Long.SIZE - bytes * Byte.SIZE : bytes == Long.BYTES ? Mem.getLong(at) : Mem.getU32(at);
        } catch (StorageException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    void writeRegister(int bar, long offset, int bytes, long value) {
        try {
            long at = window(bar, offset, bytes);
            if (!isGone() && bytes == Long.BYTES) {
                Mem.setLong(at, value);
            } else if (!isGone()) {
                Mem.setInt(at, (int) value);
            }
        } catch (StorageException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public DmaMap dma() {
        return dma;
    }

    @Override
    public int vectors() {
        return 0;
    }

    @Override
    public void enableInterrupts(int count) throws StorageException {
        if (count > 0) {
            throw Failure.refused(Errno.EOPNOTSUPP, "enable interrupts of " + address(),
                "they reach a process through vfio-pci alone, which needs an IOMMU");
        }
    }

    @Override
    public void watch(int vector, EventSet events, Readiness readiness) {
        throw new IllegalStateException(address() + " has no interrupts");
    }

    @Override
    public void unwatch(int vector) {}

    @Override
    void resetFunction() throws StorageException {
        if (!Files.exists(folder.resolve("reset"))) {
            throw Failure.refused(Errno.EOPNOTSUPP, "reset " + address(), "it knows no reset");
        }
        tree.write(folder.resolve("reset"), "1\n");
    }

    @Override
    void release() {
        try (Kernel kernel = Kernel.open()) {
            for (int fd : resources) {
                closeOpen(kernel, fd);
            }
            closeOpen(kernel, uio);
            kernel.close(config);
        }
    }

    private static void closeOpen(Kernel kernel, int fd) {
        if (fd >= 0) {
            kernel.close(fd);
        }
    }
}
