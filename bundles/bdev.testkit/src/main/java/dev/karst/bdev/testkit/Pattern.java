package dev.karst.bdev.testkit;

import dev.karst.base.Mem;

/** Contents of a block that tell which write and which block they belong to. Number 0 is zeros. */
final class Pattern {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Pattern() {}

    /** Writes the contents that {@code id} gives the block. */
    static void fill(long address, int bytes, long id, long block) {
        for (int at = 0; at < bytes; at += Long.BYTES) {
            Mem.setLong(address + at, word(id, block, at));
        }
    }

    /** Whether the contents are those. */
    static boolean matches(long address, int bytes, long id, long block) {
        for (int at = 0; at < bytes; at += Long.BYTES) {
            if (Mem.getLong(address + at) != word(id, block, at)) {
                return false;
            }
        }
        return true;
    }

    static long word(long id, long block, int at) {
        if (id == 0) {
            return 0;
        }
        long mixed = (id * 31 + block) * GOLDEN + at;
        return (mixed ^ mixed >>> 29) * GOLDEN | 1;
    }
}
