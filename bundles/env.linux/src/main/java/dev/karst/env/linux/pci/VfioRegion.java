package dev.karst.env.linux.pci;

import dev.karst.base.Mem;
import dev.karst.env.linux.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;

/**
 * A range of a device: a base address register's, or its configuration space.
 *
 * @param offset where it begins in the device's file
 * @param bytes its length; 0 when it is not there
 * @param areas the parts of it that can be mapped
 */
record VfioRegion(long offset, long bytes, List<Area> areas) {
    /** A part. */
    record Area(long offset, long bytes) {}

    /** struct vfio_region_info, and its capability of the parts that can be mapped where not all can. */
    private static final int FLAGS = 4;
    private static final int FLAG_MMAP = 1 << 2;
    private static final int FLAG_CAPS = 1 << 3;
    private static final int INDEX = 8;
    private static final int CAP_OFFSET = 12;
    private static final int SIZE = 16;
    private static final int OFFSET = 24;
    private static final int CAP_SPARSE_MMAP = 1;
    private static final int AREA_BYTES = 16;

    /** Asks the device. */
    static VfioRegion of(Kernel kernel, int device, int index) {
        Mem.fill(kernel.scratch, Kernel.SCRATCH_BYTES, (byte) 0);
        Mem.setInt(kernel.scratch + INDEX, index);
        if (Vfio.call(kernel, device, Vfio.DEVICE_GET_REGION_INFO, Kernel.SCRATCH_BYTES) < 0) {
            return new VfioRegion(0, 0, List.of());
        }
        return answer(kernel);
    }

    /** The answer in the scratch. */
    static VfioRegion answer(Kernel kernel) {
        long bytes = Mem.getLong(kernel.scratch + SIZE);
        int flags = Mem.getInt(kernel.scratch + FLAGS);
        List<Area> areas = new ArrayList<>();
        long sparse = (flags & FLAG_CAPS) == 0 ? 0 : Vfio.capability(kernel, Mem.getInt(kernel.scratch + CAP_OFFSET), CAP_SPARSE_MMAP);
        if ((flags & FLAG_MMAP) != 0 && sparse == 0) {
            areas.add(new Area(0, bytes));
        } else if ((flags & FLAG_MMAP) != 0) {
            for (int i = 0; i < Mem.getInt(sparse); i++) {
                long area = sparse + Long.BYTES + (long) i * AREA_BYTES;
                areas.add(new Area(Mem.getLong(area), Mem.getLong(area + Long.BYTES)));
            }
        }
        return new VfioRegion(Mem.getLong(kernel.scratch + OFFSET), bytes, areas);
    }

    boolean isMappable(long offset, long bytes) {
        return areas.stream().anyMatch(area -> offset >= area.offset && offset + bytes <= area.offset + area.bytes);
    }
}
