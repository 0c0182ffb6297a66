package dev.karst.nvme.vfiouser;

import dev.karst.base.StorageException;
import dev.karst.env.unix.Descriptor;

/** A part of a base address register's range that can be mapped. */
final class Area {
    private static final long PAGE = 4096;

    private final long offset;
    private final long bytes;
    private final long fileOffset;
    private long address;

    /**
     * @param offset in the range
     * @param fileOffset in the file that its descriptor stands for
     */
    Area(long offset, long bytes, long fileOffset) {
        this.offset = offset;
        this.bytes = bytes;
        this.fileOffset = fileOffset;
    }

    /** Whether it consists of whole pages. */
    boolean isWhole() {
        return bytes > 0 && (offset | bytes | fileOffset) % PAGE == 0;
    }

    boolean holds(long from, long length) {
        return from >= offset && length <= bytes && from - offset <= bytes - length;
    }

    /** Address of that byte of the range; mapped when it is asked for first. */
    long at(long from, Descriptor descriptor) throws StorageException {
        if (address == 0) {
            address = descriptor.map(fileOffset, bytes);
        }
        return address + from - offset;
    }

    /** Address of that byte of the range, or 0 when it is not mapped. */
    long ifMapped(long from) {
        return address == 0 ? 0 : address + from - offset;
    }
}
