package dev.karst.base;

import java.util.Arrays;

/** The registered regions of raw memory, as a sorted snapshot that readers search without a lock. */
final class MemRegions {
    /** Sorted, disjoint regions: {@code bases[i]} up to, not including, {@code ends[i]}. */
    private record Snapshot(long[] bases, long[] ends) {
        /** The region that holds {@code address}, or -1. */
        int find(long address) {
            int at = Arrays.binarySearch(bases, address);
            int index = at >= 0 ? at : -at - 2;
            return index >= 0 && address < ends[index] ? index : -1;
        }
    }

    private volatile Snapshot snapshot = new Snapshot(new long[0], new long[0]);

    synchronized void add(long base, long length) {
        if (base <= 0 || length <= 0 || base + length < base) {
            throw new IllegalArgumentException(String.format("no region: %d bytes at 0x%x", length, base));
        }
        Snapshot old = snapshot;
        int at = Arrays.binarySearch(old.bases, base);
        int index = -at - 1;
        boolean overlaps = at >= 0
            || index > 0 && old.ends[index - 1] > base
            || index < old.bases.length && base + length > old.bases[index];
        if (overlaps) {
            throw new IllegalArgumentException(String.format("%d bytes at 0x%x overlap a registered region", length, base));
        }
        snapshot = new Snapshot(insert(old.bases, index, base), insert(old.ends, index, base + length));
    }

    synchronized void remove(long base) {
        Snapshot old = snapshot;
        int index = Arrays.binarySearch(old.bases, base);
        if (index < 0) {
            throw new IllegalArgumentException(String.format("no region is registered at 0x%x", base));
        }
        snapshot = new Snapshot(delete(old.bases, index), delete(old.ends, index));
    }

    boolean contains(long address, long length) {
        Snapshot now = snapshot;
        int index = now.find(address);
        return length == 0 || index >= 0 && length > 0 && length <= now.ends[index] - address;
    }

    /** Start of the region that holds {@code address}, or 0. */
    long baseOf(long address) {
        Snapshot now = snapshot;
        int index = now.find(address);
        return index < 0 ? 0 : now.bases[index];
    }

    /** End of the region that holds {@code address}, or 0. */
    long endOf(long address) {
        Snapshot now = snapshot;
        int index = now.find(address);
        return index < 0 ? 0 : now.ends[index];
    }

    private static long[] insert(long[] array, int index, long value) {
        long[] longer = new long[array.length + 1];
        System.arraycopy(array, 0, longer, 0, index);
        longer[index] = value;
        System.arraycopy(array, index, longer, index + 1, array.length - index);
        return longer;
    }

    private static long[] delete(long[] array, int index) {
        long[] shorter = new long[array.length - 1];
        System.arraycopy(array, 0, shorter, 0, index);
        System.arraycopy(array, index + 1, shorter, index, shorter.length - index);
        return shorter;
    }
}
