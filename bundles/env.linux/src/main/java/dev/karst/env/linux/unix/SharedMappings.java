package dev.karst.env.linux.unix;

import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where memory of other processes is mapped. Addresses are never given back to the system: those that are free show zeros that take no
 * memory, so that who still has such an address does no harm, and the next mapping that fits goes there.
 */
final class SharedMappings {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 0x1;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MAP_NORESERVE = 0x4000;
    /** Places are multiples of what the largest pages of memory files are, for these must be mapped so. */
    private static final long LARGE_UNIT = 1L << 30;
    private static final long UNIT = 2L << 20;

    /** Free places: address and bytes. */
    private static final TreeMap<Long, Long> FREE = new TreeMap<>();

    private SharedMappings() {}

    private static long rounded(long bytes) {
        long unit = bytes >= LARGE_UNIT ? LARGE_UNIT : UNIT;
        return bytes + unit - 1 & -unit;
    }

    /** Maps a part of a file; its address, or a negative error number. */
    static synchronized long map(Kernel kernel, int fd, long offset, long bytes) {
        long place = take(kernel, rounded(bytes));
        if (place < 0) {
            return place;
        }
        long mapped = kernel.map(place, bytes, PROT_READ_WRITE, MAP_SHARED | MAP_FIXED, fd, offset);
        if (mapped < 0) {
            give(kernel, place, bytes);
        }
        return mapped;
    }

    private static long take(Kernel kernel, long bytes) {
        for (Map.Entry<Long, Long> entry : FREE.entrySet()) {
            long place = entry.getKey();
            long has = entry.getValue();
            if (has >= bytes && isAligned(place, bytes)) {
                FREE.remove(place);
                if (has > bytes) {
                    FREE.put(place + bytes, has - bytes);
                }
                return place;
            }
        }
        return reserve(kernel, bytes);
    }

    private static boolean isAligned(long place, long bytes) {
        return place % (bytes >= LARGE_UNIT ? LARGE_UNIT : UNIT) == 0;
    }

    /** New addresses, from the system; what is before and behind the aligned part is free for smaller ones. */
    private static long reserve(Kernel kernel, long bytes) {
        long unit = bytes >= LARGE_UNIT ? LARGE_UNIT : UNIT;
        long wide = zeros(kernel, 0, bytes + unit, 0);
        if (wide < 0) {
            return wide;
        }
        long place = wide + unit - 1 & -unit;
        release(wide + UNIT - 1 & -UNIT, place);
        release(place + bytes, wide + bytes + unit & -UNIT);
        return place;
    }

    private static long zeros(Kernel kernel, long address, long bytes, int flags) {
        return kernel.map(address, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    }

    /** Gives back what {@link #map} gave. */
    static synchronized void unmap(Kernel kernel, long address, long bytes) {
        give(kernel, address, bytes);
    }

    private static void give(Kernel kernel, long address, long bytes) {
        long whole = rounded(bytes);
        long result = zeros(kernel, address, whole, MAP_FIXED);
        if (result < 0) {
            throw Failure.unexpected(result, "give back " + bytes + " bytes that were mapped");
        }
        release(address, address + whole);
    }

    private static void release(long from, long end) {
        if (from >= end) {
            return;
        }
        long start = from;
        long stop = end;
        Map.Entry<Long, Long> before = FREE.floorEntry(from);
        if (before != null && before.getKey() + before.getValue() == from) {
            start = before.getKey();
        }
        Long behind = FREE.remove(end);
        if (behind != null) {
            stop += behind;
        }
        FREE.put(start, stop - start);
    }
}
