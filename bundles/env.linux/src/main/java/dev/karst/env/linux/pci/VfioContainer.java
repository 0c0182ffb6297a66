package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.Memory;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.linux.file.Calls;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the IOMMU shows to all devices of this process: every block of memory. It is there while a device is. Callers hold one lock.
 *
 * <pre>
 *   /dev/vfio/vfio   container: one address space, all blocks mapped
 *       /dev/vfio/N      group: what the IOMMU cannot tell apart; bound to vfio-pci as a whole
 *           device           VfioFunction
 * </pre>
 */
final class VfioContainer {
    /** struct vfio_iommu_type1_info, and its capability of allowed ranges. */
    private static final int INFO_FLAGS = 4;
    private static final int INFO_HAS_CAPS = 2;
    private static final int INFO_CAP_OFFSET = 16;
    private static final int CAP_IOVA_RANGE = 1;
    private static final int RANGE_BYTES = 16;
    private static final int GROUP_STATUS_BYTES = 8;

    private final Memory memory;
    private final int fd;
    private final Map<Integer, Group> groups = new HashMap<>();
    private Blocks blocks;

    private static final class Group {
        final int fd;
        int devices;

        Group(int fd) {
            this.fd = fd;
        }
    }

    /** The blocks of memory, mapped as they come. The memory calls one at a time. */
    private static final class Blocks implements MemoryBlocks {
        /** struct vfio_iommu_type1_dma_map */
        private static final int MAP_BYTES = 32;
        private static final int MAP_FLAGS = 4;
        private static final int MAP_READ_WRITE = 3;
        private static final int MAP_ADDRESS = 8;
        private static final int MAP_IOVA = 16;
        private static final int MAP_SIZE = 24;

        final DmaTable table = new DmaTable();
        private final int fd;
        private final IovaSpace space;

        Blocks(int fd, List<IovaSpace.Range> allowed) {
            this.fd = fd;
            space = new IovaSpace(allowed);
        }

        @Override
        public void added(Block block) throws StorageException {
            String what = "show " + (block.bytes() >> 20) + " MiB of memory to devices";
            long iova = space.take(block.address(), block.bytes());
            if (iova == DmaMap.NONE) {
                throw Failure.refused(Errno.ENOSPC, what, "the IOMMU has no addresses left");
            }
            try (Kernel kernel = Kernel.open()) {
                Mem.setInt(kernel.scratch + MAP_FLAGS, MAP_READ_WRITE);
                Mem.setLong(kernel.scratch + MAP_ADDRESS, block.address());
                Mem.setLong(kernel.scratch + MAP_IOVA, iova);
                Mem.setLong(kernel.scratch + MAP_SIZE, block.bytes());
                long result = Vfio.call(kernel, fd, Vfio.IOMMU_MAP_DMA, MAP_BYTES);
                if (result < 0) {
                    space.release(iova);
                    throw result == -Errno.ENOMEM
                        ? Failure.refused(Errno.ENOMEM, what, "it must be locked; raise the limit (ulimit -l) or free some memory")
                        : Failure.of(result, what);
                }
            }
            table.put(block.address(), block.bytes(), iova);
        }
    }

    VfioContainer(KernelTree tree, Memory memory) throws StorageException {
        this.memory = memory;
        Path path = tree.at("dev/vfio/vfio");
        try (Kernel kernel = Kernel.open()) {
            fd = Calls.open(kernel, path, Calls.O_RDWR);
            if (fd < 0) {
                throw Failure.of(fd, "open " + path);
            }
            long version = kernel.call(Syscall.IOCTL, fd, Vfio.GET_API_VERSION, 0);
            if (version != 0 || kernel.call(Syscall.IOCTL, fd, Vfio.CHECK_EXTENSION, Vfio.TYPE1V2_IOMMU) != 1) {
                kernel.close(fd);
                throw Failure.refused(Errno.EOPNOTSUPP, "use " + path,
                    "this kernel's VFIO is of version " + version + " or has no type 1 IOMMU; load it: modprobe vfio_iommu_type1");
            }
        }
    }

    boolean isUnused() {
        return groups.isEmpty();
    }

    boolean has(int group) {
        return groups.containsKey(group);
    }

    DmaMap dma() {
        return blocks.table;
    }

    /**
     * A descriptor of the device.
     *
     * @param others what else is in the group and in the way, for people to read
     */
    int open(int number, Path path, String address, String others) throws StorageException {
        Group group = groups.get(number);
        if (group == null) {
            group = join(path, others);
            groups.put(number, group);
        }
        group.devices++;
        try (Kernel kernel = Kernel.open()) {
            Mem.put(kernel.scratch, (address + "\0").getBytes(StandardCharsets.US_ASCII), 0, address.length() + 1);
            int device = (int) kernel.call(Syscall.IOCTL, group.fd, Vfio.GROUP_GET_DEVICE_FD, kernel.scratch);
            if (device < 0) {
                leave(number);
                throw Failure.of(device, "open " + address + " by " + path);
            }
            return device;
        }
    }

    private Group join(Path path, String others) throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            int group = Calls.open(kernel, path, Calls.O_RDWR);
            if (group < 0) {
                throw group == -Errno.EBUSY
                    ? Failure.refused(Errno.EBUSY, "open " + path, "another process has it")
                    : Failure.of(group, "open " + path);
            }
            try {
                attach(kernel, group, path, others);
                return new Group(group);
            } catch (StorageException e) {
                kernel.close(group);
                throw e;
            }
        }
    }

    private void attach(Kernel kernel, int group, Path path, String others) throws StorageException {
        long result = Vfio.call(kernel, group, Vfio.GROUP_GET_STATUS, GROUP_STATUS_BYTES);
        if (result == 0 && (Mem.getInt(kernel.scratch + Integer.BYTES) & Vfio.GROUP_VIABLE) == 0) {
            throw Failure.refused(Errno.EPERM, "use " + path,
                "the kernel drives others of its group: " + others + "; bind them to vfio-pci or to no driver");
        }
        if (result == 0) {
            Mem.setInt(kernel.scratch, fd);
            result = kernel.call(Syscall.IOCTL, group, Vfio.GROUP_SET_CONTAINER, kernel.scratch);
        }
        if (result == 0 && blocks == null) {
            result = kernel.call(Syscall.IOCTL, fd, Vfio.SET_IOMMU, Vfio.TYPE1V2_IOMMU);
        }
        if (result < 0) {
            throw Failure.of(result, "put " + path + " behind the IOMMU");
        }
        if (blocks == null) {
            var shown = new Blocks(fd, allowed(kernel));
            memory.watch(shown);
            blocks = shown;
        }
    }

    private List<IovaSpace.Range> allowed(Kernel kernel) throws StorageException {
        Mem.fill(kernel.scratch, Kernel.SCRATCH_BYTES, (byte) 0);
        long result = Vfio.call(kernel, fd, Vfio.IOMMU_GET_INFO, Kernel.SCRATCH_BYTES);
        if (result < 0) {
            throw Failure.of(result, "ask the IOMMU for its addresses");
        }
        boolean says = (Mem.getInt(kernel.scratch + INFO_FLAGS) & INFO_HAS_CAPS) != 0;
        long ranges = says ? Vfio.capability(kernel, Mem.getInt(kernel.scratch + INFO_CAP_OFFSET), CAP_IOVA_RANGE) : 0;
        if (ranges == 0) {
            return IovaSpace.LEAST;
        }
        List<IovaSpace.Range> allowed = new ArrayList<>();
        for (int i = 0; i < Mem.getInt(ranges); i++) {
            long range = ranges + Long.BYTES + (long) i * RANGE_BYTES;
            allowed.add(new IovaSpace.Range(Mem.getLong(range), Mem.getLong(range + Long.BYTES)));
        }
        return allowed;
    }

    /** One of the group's devices is closed. */
    void leave(int number) {
        Group group = groups.get(number);
        if (--group.devices == 0) {
            groups.remove(number);
            try (Kernel kernel = Kernel.open()) {
                kernel.close(group.fd);
            }
        }
    }

    /** Ends it when no device is left; the mappings end with it. */
    void close() {
        if (blocks != null) {
            memory.unwatch(blocks);
        }
        try (Kernel kernel = Kernel.open()) {
            kernel.close(fd);
        }
    }
}
