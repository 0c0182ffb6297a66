package dev.karst.base;

/**
 * A scatter list: up to a fixed number of (address, length) pairs of raw memory, in order. Reused, never copied on the
 * I/O path. Reactor-confined; it does not own the memory.
 */
@ReactorConfined
public final class IoVector {
    private final long[] addresses;
    private final int[] lengths;
    private int count;
    private long bytes;

    /** An empty list with room for {@code capacity} pairs. */
    public IoVector(int capacity) {
        addresses = new long[capacity];
        lengths = new int[capacity];
    }

    public void clear() {
        count = 0;
        bytes = 0;
    }

    /** Appends a pair; false when the list is full. */
    public boolean add(long address, int length) {
        if (count == addresses.length) {
            return false;
        }
        addresses[count] = address;
        lengths[count++] = length;
        bytes += length;
        return true;
    }

    /** Replaces what is here with the one pair. */
    public void set(long address, int length) {
        clear();
        add(address, length);
    }

    /**
     * Replaces what is here with {@code length} bytes of {@code whole} from {@code offset}; false when they need more pairs
     * than fit, in which case as many bytes as fit are here.
     */
    public boolean slice(IoVector whole, long offset, long length) {
        clear();
        long skip = offset;
        long left = length;
        for (int i = 0; i < whole.count && left > 0; i++) {
            int available = whole.lengths[i];
            if (skip >= available) {
                skip -= available;
                continue;
            }
            int part = (int) Math.min(left, available - skip);
            if (!add(whole.addresses[i] + skip, part)) {
                return false;
            }
            skip = 0;
            left -= part;
        }
        assert left == 0 : "the slice reaches past the end";
        return true;
    }

    /** Copies from these pairs, from {@code offset} on, to {@code target}. */
    public void copyTo(long offset, long target, long length) {
        copy(offset, target, length, false);
    }

    /** Copies from {@code source} to these pairs, from {@code offset} on. */
    public void copyFrom(long offset, long source, long length) {
        copy(offset, source, length, true);
    }

    private void copy(long offset, long flat, long length, boolean inwards) {
        long skip = offset;
        long left = length;
        long other = flat;
        for (int i = 0; i < count && left > 0; i++) {
            if (skip >= lengths[i]) {
                skip -= lengths[i];
                continue;
            }
            long here = addresses[i] + skip;
            long part = Math.min(left, lengths[i] - skip);
            Mem.copy(inwards ? other : here, inwards ? here : other, part);
            other += part;
            left -= part;
            skip = 0;
        }
        assert left == 0 : "the copy reaches past the end";
    }

    /** Fills these pairs with zeros from {@code offset} on. */
    public void zero(long offset) {
        long skip = offset;
        for (int i = 0; i < count; i++) {
            long skipped = Math.min(skip, lengths[i]);
            Mem.fill(addresses[i] + skipped, lengths[i] - skipped, (byte) 0);
            skip -= skipped;
        }
    }

    /** Whether these pairs, from {@code offset} on, hold what lies at {@code flat}. */
    public boolean matches(long offset, long flat, long length) {
        long skip = offset;
        long left = length;
        long other = flat;
        for (int i = 0; i < count && left > 0; i++) {
            if (skip >= lengths[i]) {
                skip -= lengths[i];
                continue;
            }
            long part = Math.min(left, lengths[i] - skip);
            if (!Mem.equal(addresses[i] + skip, other, part)) {
                return false;
            }
            other += part;
            left -= part;
            skip = 0;
        }
        assert left == 0 : "the comparison reaches past the end";
        return true;
    }

    /** Number of pairs. */
    public int count() {
        return count;
    }

    public int capacity() {
        return addresses.length;
    }

    public long address(int index) {
        return addresses[index];
    }

    public int length(int index) {
        return lengths[index];
    }

    /** Sum of the lengths. */
    public long bytes() {
        return bytes;
    }
}
