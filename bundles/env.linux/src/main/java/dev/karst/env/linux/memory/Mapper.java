package dev.karst.env.linux.memory;

import dev.karst.base.Mem;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.nio.charset.StandardCharsets;

/**
 * Maps memory in units of 2 MiB: huge pages if there are any, else plain pages that the kernel may merge into huge
 * ones.
 */
final class Mapper {
    /** The unit. */
    static final long UNIT = 2L << 20;

    /** include/uapi/asm-generic/mman-common.h, include/uapi/linux/mman.h */
    private static final int PROT_NONE = 0;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 0x1;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MAP_POPULATE = 0x8000;
    private static final int MAP_HUGETLB = 0x40000;
    private static final int HUGE_2MB = 21 << 26;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_REMOVE = 9;
    private static final int MADV_HUGEPAGE = 14;
    /** include/uapi/linux/memfd.h */
    private static final int MFD_CLOEXEC = 0x1;
    private static final int MFD_HUGETLB = 0x4;
    private static final byte[] NAME = "karst\0".getBytes(StandardCharsets.US_ASCII);

    private final boolean shared;

    /** One that maps memory of this process alone, or memory with a descriptor. */
    Mapper(boolean shared) {
        this.shared = shared;
    }

    /** A block of {@code bytes}, a multiple of the unit and aligned to it; null when the system has no more. */
    MemoryBlocks.Block map(long bytes) {
        try (Kernel kernel = Kernel.open()) {
            MemoryBlocks.Block huge = shared
                ? mapFile(kernel, bytes, MFD_CLOEXEC | MFD_HUGETLB | HUGE_2MB) : mapAlone(kernel, bytes, MAP_HUGETLB | HUGE_2MB);
            if (huge != null) {
                return huge;
            }
            return shared ? mapFile(kernel, bytes, MFD_CLOEXEC) : mapAlone(kernel, bytes, 0);
        }
    }

    private static MemoryBlocks.Block mapAlone(Kernel kernel, long bytes, int huge) {
        if (huge != 0) {
            long address = kernel.map(bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS | MAP_POPULATE | huge, -1, 0);
            return address < 0 ? null : new MemoryBlocks.Block(address, bytes, true, -1);
        }
        long address = aligned(kernel, bytes, PROT_READ_WRITE);
        if (address < 0) {
            return null;
        }
        kernel.call(Syscall.MADVISE, address, bytes, MADV_HUGEPAGE);
        return new MemoryBlocks.Block(address, bytes, false, -1);
    }

    private static MemoryBlocks.Block mapFile(Kernel kernel, long bytes, int flags) {
        boolean huge = (flags & MFD_HUGETLB) != 0;
        Mem.put(kernel.scratch, NAME, 0, NAME.length);
        int fd = (int) kernel.call(Syscall.MEMFD_CREATE, kernel.scratch, flags, 0);
        long address = fd < 0 ? fd : kernel.call(Syscall.FTRUNCATE, fd, bytes, 0);
        if (address == 0) {
            address = aligned(kernel, bytes, PROT_NONE);
        }
        long mapped = address;
        if (address > 0) {
            int how = MAP_SHARED | MAP_FIXED | (huge ? MAP_POPULATE : 0);
            mapped = kernel.map(address, bytes, PROT_READ_WRITE, how, fd, 0);
        }
        if (mapped < 0) {
            abandon(kernel, fd, address, bytes);
            return null;
        }
        kernel.call(Syscall.MADVISE, address, bytes, MADV_HUGEPAGE);
        return new MemoryBlocks.Block(address, bytes, huge, fd);
    }

    private static void abandon(Kernel kernel, int fd, long address, long bytes) {
        if (address > 0) {
            kernel.call(Syscall.MUNMAP, address, bytes, 0);
        }
        if (fd >= 0) {
            kernel.close(fd);
        }
    }

    /** Maps one unit too much and cuts the ends off, so that the rest is aligned; negative when the system has no more. */
    private static long aligned(Kernel kernel, long bytes, int protection) {
        long wide = kernel.map(bytes + UNIT, protection, MAP_PRIVATE_ANONYMOUS, -1, 0);
        if (wide < 0) {
            return wide;
        }
        long address = wide + UNIT - 1 & -UNIT;
        long before = address - wide;
        if (before > 0) {
            kernel.call(Syscall.MUNMAP, wide, before, 0);
        }
        if (before < UNIT) {
            kernel.call(Syscall.MUNMAP, address + bytes, UNIT - before, 0);
        }
        return address;
    }

    /** Gives the pages back and keeps the addresses: whoever reads there still sees zeros. */
    void discard(Block block) {
        try (Kernel kernel = Kernel.open()) {
            kernel.call(Syscall.MADVISE, block.address(), block.bytes(), shared ? MADV_REMOVE : MADV_DONTNEED);
        }
    }

    /** Closes the descriptor, if there is one; the memory stays. */
    static void release(MemoryBlocks.Block block) {
        if (block.descriptor() >= 0) {
            try (Kernel kernel = Kernel.open()) {
                kernel.close(block.descriptor());
            }
        }
    }
}
