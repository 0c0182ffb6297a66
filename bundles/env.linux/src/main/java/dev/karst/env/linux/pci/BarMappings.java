package dev.karst.env.linux.pci;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.util.ArrayList;
import java.util.List;

/**
 * The ranges of one device that are mapped. Once it is let go, plain memory takes their place, in one step: a load gives all ones, as
 * from a device that is not there, a store goes nowhere, and no access is a fault.
 */
final class BarMappings {
    private static final long PAGE = 4096;
    /** include/uapi/asm-generic/mman-common.h, include/uapi/linux/mman.h */
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MREMAP_MAYMOVE_FIXED = 3;
    /** Registers lie in front; what is behind in a large range is memory, and reads zeros. */
    private static final long MOST_ONES = 1 << 20;

    private record Mapping(long address, long bytes) {}

    private final List<Mapping> mappings = new ArrayList<>();

    /**
     * Maps a part of a file.
     *
     * @param start where the range begins in the file, a multiple of a page
     * @param what for messages
     * @return address of the byte at {@code offset}
     */
    long map(int fd, long start, long offset, long bytes, String what) throws StorageException {
        long first = offset & -PAGE;
        long length = offset + bytes - first + PAGE - 1 & -PAGE;
        try (Kernel kernel = Kernel.open()) {
            long address = kernel.map(length, PROT_READ_WRITE, MAP_SHARED, fd, start + first);
            if (address < 0) {
                throw Failure.of(address, what);
            }
            Mem.register(address, length);
            mappings.add(new Mapping(address, length));
            return address + offset - first;
        }
    }

    /** Puts memory in the place of all of them. */
    void letGo() {
        try (Kernel kernel = Kernel.open()) {
            for (Mapping mapping : mappings) {
                long ones = kernel.map(mapping.bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
                if (ones < 0) {
                    throw Failure.unexpected(ones, "map " + mapping.bytes + " bytes");
                }
                long filled = Math.min(mapping.bytes, MOST_ONES);
                Mem.register(ones, filled);
                Mem.fill(ones, filled, (byte) 0xff);
                Mem.unregister(ones);
                kernel.call(Syscall.MREMAP, ones, mapping.bytes, mapping.bytes, MREMAP_MAYMOVE_FIXED, mapping.address);
            }
        }
        mappings.clear();
    }
}
