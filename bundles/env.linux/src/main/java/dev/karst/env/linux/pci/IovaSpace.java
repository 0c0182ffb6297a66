package dev.karst.env.linux.pci;

import dev.karst.env.DmaMap;
import java.util.List;
import java.util.TreeMap;

/**
 * The addresses that an IOMMU gives to devices. Memory lies at its own address, cut to the IOMMU's width, where that is allowed and free;
 * else at the first place that is. Not thread-safe.
 */
final class IovaSpace {
    /** From the first to the last byte. */
    record Range(long start, long end) {}

    /** Before Linux 5.4 the kernel does not say: the least that IOMMUs can, without the window of x86's message interrupts. */
    static final List<Range> LEAST = List.of(new Range(0, 0xfedf_ffffL), new Range(0xfef0_0000L, (1L << 39) - 1));

    private final List<Range> allowed;
    private final long mask;
    /** By the first byte, the byte behind. */
    private final TreeMap<Long, Long> taken = new TreeMap<>();

    IovaSpace(List<Range> allowed) {
        this.allowed = allowed;
        long last = 0;
        for (Range range : allowed) {
            last = Long.compareUnsigned(range.end, last) > 0 ? range.end : last;
        }
        mask = Long.numberOfLeadingZeros(last) == 0 ? Long.MAX_VALUE : Long.highestOneBit(last) * 2 - 1;
    }

    /** A place for memory at that address, taken from now on; {@link DmaMap#NONE} when there is none left. */
    long take(long address, long bytes) {
        long iova = address & mask;
        if (!isAllowed(iova, bytes) || taker(iova, bytes) != null) {
            iova = first(bytes);
        }
        if (iova != DmaMap.NONE) {
            taken.put(iova, iova + bytes);
        }
        return iova;
    }

    void release(long iova) {
        taken.remove(iova);
    }

    private boolean isAllowed(long iova, long bytes) {
        return allowed.stream().anyMatch(range -> fits(range, iova, bytes));
    }

    private static boolean fits(Range range, long iova, long bytes) {
        return Long.compareUnsigned(iova, range.start) >= 0 && iova + bytes > iova
            && Long.compareUnsigned(iova + bytes - 1, range.end) <= 0;
    }

    /** The byte behind one that has some of these, or null. */
    private Long taker(long iova, long bytes) {
        var before = taken.lowerEntry(iova + bytes);
        return before != null && before.getValue() > iova ? before.getValue() : null;
    }

    /** Never 0, which too many take for nothing. */
    private long first(long bytes) {
        for (Range range : allowed) {
            long iova = roundUp(Math.max(range.start, 1));
            while (iova > 0 && fits(range, iova, bytes)) {
                Long behind = taker(iova, bytes);
                if (behind == null) {
                    return iova;
                }
                iova = roundUp(behind);
            }
        }
        return DmaMap.NONE;
    }

    private static long roundUp(long iova) {
        return iova + DmaTable.UNIT - 1 & -DmaTable.UNIT;
    }
}
