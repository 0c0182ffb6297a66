package dev.karst.nvme.vfiouser;

import dev.karst.base.StorageException;
import dev.karst.env.unix.Descriptor;
import java.util.List;

/** A region of the device: the range of a base address register, or the configuration space. Mappings stay when it is closed. */
final class Bar {
    private final long bytes;
    private final List<Area> areas;
    private final Descriptor descriptor;

    /** @param descriptor of what can be mapped; null if nothing can */
    Bar(long bytes, List<Area> areas, Descriptor descriptor) {
        this.bytes = bytes;
        this.areas = areas;
        this.descriptor = descriptor;
    }

    long bytes() {
        return bytes;
    }

    boolean holds(long offset, long length) {
        return offset >= 0 && length > 0 && length <= bytes && offset <= bytes - length;
    }

    /** Address of the range, which is mapped unless it is already; 0 when it cannot be. */
    synchronized long map(long offset, long length) throws StorageException {
        for (Area area : areas) {
            if (area.holds(offset, length)) {
                return area.at(offset, descriptor);
            }
        }
        return 0;
    }

    /** Address of the range if it is mapped; else 0. */
    synchronized long mapped(long offset, long length) {
        for (Area area : areas) {
            if (area.holds(offset, length)) {
                return area.ifMapped(offset);
            }
        }
        return 0;
    }

    void close() {
        if (descriptor != null) {
            descriptor.close();
        }
    }
}
