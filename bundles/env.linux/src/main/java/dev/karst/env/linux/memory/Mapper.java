package dev.karst.env.linux.memory;

import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/**
 * Maps memory in units of 2 MiB: huge pages if there are any, else plain pages that the kernel may merge into huge
 * ones.
 */
final class Mapper {
    /** The unit. */
    static final long UNIT = 2L << 20;

    /** include/uapi/asm-generic/mman-common.h, include/uapi/linux/mman.h */
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MAP_POPULATE = 0x8000;
    private static final int MAP_HUGETLB = 0x40000;
    private static final int MAP_HUGE_2MB = 21 << 26;
    private static final int MAP_HUGE = MAP_PRIVATE_ANONYMOUS | MAP_POPULATE | MAP_HUGETLB | MAP_HUGE_2MB;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;

    private Mapper() {}

    /** A block of {@code bytes}, a multiple of the unit and aligned to it; null when the system has no more. */
    static Block map(long bytes) {
        try (Kernel kernel = Kernel.open()) {
            long huge = kernel.map(bytes, PROT_READ_WRITE, MAP_HUGE, -1, 0);
            if (huge > 0) {
                return new Block(huge, bytes, true, true);
            }
            long wide = kernel.map(bytes + UNIT, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
            return wide < 0 ? null : new Block(trim(kernel, wide, bytes), bytes, false, true);
        }
    }

    /** Cuts the ends off a mapping that is one unit too long, so that the rest is aligned. */
    private static long trim(Kernel kernel, long wide, long bytes) {
        long address = wide + UNIT - 1 & -UNIT;
        long before = address - wide;
        if (before > 0) {
            kernel.call(Syscall.MUNMAP, wide, before, 0);
        }
        if (before < UNIT) {
            kernel.call(Syscall.MUNMAP, address + bytes, UNIT - before, 0);
        }
        kernel.call(Syscall.MADVISE, address, bytes, MADV_HUGEPAGE);
        return address;
    }

    /** Gives the pages back and keeps the addresses: whoever reads there still sees zeros. */
    static void discard(Block block) {
        try (Kernel kernel = Kernel.open()) {
            kernel.call(Syscall.MADVISE, block.address(), block.bytes(), MADV_DONTNEED);
        }
    }
}
