package dev.karst.itests.storm;

import dev.karst.base.Mem;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What each block of a range may hold: what was acknowledged last, or what came after it and failed. Contents are told by
 * a stamp: four words of a block, the others are zero; stamp 0 is a block of zeros.
 */
final class BlockHistory {
    static final int BLOCK = 512;
    private static final int WORDS = 4;
    private static final int STRIDE = 168;
    private static final List<Long> NONE = List.of();

    final long first;
    private final long[] good;
    private final List<List<Long>> since = new ArrayList<>();
    /** Blocks that some I/O is at. */
    final BitSet busy = new BitSet();

    BlockHistory(long first, int count) {
        this.first = first;
        good = new long[count];
        zero();
    }

    int count() {
        return good.length;
    }

    /** A new device of zeros lies there. */
    void zero() {
        since.clear();
        for (int block = 0; block < good.length; block++) {
            good[block] = 0;
            since.add(NONE);
        }
    }

    boolean isCertain(int from, int count) {
        for (int block = from; block < from + count; block++) {
            if (!since.get(block).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    long acknowledged(int block) {
        return good[block];
    }

    void written(int block, long stamp) {
        good[block] = stamp;
        since.set(block, NONE);
    }

    /** A write ended otherwise: nobody knows whether it was done. */
    void mayHold(int block, long stamp) {
        if (since.get(block).isEmpty()) {
            since.set(block, new ArrayList<>());
        }
        since.get(block).add(stamp);
    }

    /** Throws if what was read is not what the block may hold. */
    void check(int block, long address) {
        long stamp = Mem.getLong(address);
        boolean whole = true;
        for (int word = 1; word < WORDS; word++) {
            whole &= Mem.getLong(address + (long) word * STRIDE) == word(stamp, word);
        }
        if (!whole || stamp != good[block] && !since.get(block).contains(stamp)) {
            throw new IllegalStateException(String.format("block %d holds %x%s, acknowledged was %x, failed after that %s",
                first + block, stamp, whole ? "" : " and something else", good[block], since.get(block)));
        }
    }

    static void fill(long address, long stamp) {
        for (int word = 0; word < WORDS; word++) {
            Mem.setLong(address + (long) word * STRIDE, word(stamp, word));
        }
    }

    private static long word(long stamp, int word) {
        return stamp == 0 ? 0 : stamp + word;
    }
}
