package dev.karst.bdev.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * What each block may hold: for each its history of contents, in the order in which they were asked for. Two writes of a
 * block are never in flight together, so the last one that ended well is there, or one behind it whose end is open or bad.
 */
public final class Model {
    /** Any contents. */
    static final long ANYTHING = -1;
    private static final long ZEROS = 0;

    /** Contents that a block was given, or was asked to be given: those of a block, its own unless it was copied. */
    private static final class Entry {
        final long id;
        final long origin;
        boolean endedWell;

        Entry(long id, long origin, boolean endedWell) {
            this.id = id;
            this.origin = origin;
            this.endedWell = endedWell;
        }
    }

    /** What had ended well, by block, when a flush was submitted that was later acknowledged. */
    public static final class Floor {
        private final int[] entries;

        private Floor(int[] entries) {
            this.entries = entries;
        }
    }

    private final long first;
    private final int blockSize;
    private final boolean forgets;
    private final List<List<Entry>> blocks = new ArrayList<>();

    /**
     * A device of zeros, or a part of it.
     *
     * @param first the first block that this knows of
     * @param blocks how many it knows of
     * @param forgets whether the device keeps nothing and always reads as zeros
     */
    public Model(long first, int blocks, int blockSize, boolean forgets) {
        this.first = first;
        this.blockSize = blockSize;
        this.forgets = forgets;
        for (int i = 0; i < blocks; i++) {
            List<Entry> history = new ArrayList<>();
            history.add(new Entry(ZEROS, first + i, true));
            this.blocks.add(history);
        }
    }

    public int blockSize() {
        return blockSize;
    }

    public long first() {
        return first;
    }

    public int blocks() {
        return blocks.size();
    }

    private List<Entry> history(long block) {
        return blocks.get((int) (block - first));
    }

    /** The blocks are asked to hold {@code id}. */
    void asked(long from, long count, long id) {
        for (long block = from; block < from + count; block++) {
            history(block).add(new Entry(forgets ? ZEROS : id, block, false));
        }
    }

    /** The blocks are asked to hold what lies, for certain, at {@code source}. */
    void askedCopy(long source, long target, long count) {
        for (long i = 0; i < count; i++) {
            Entry entry = history(source + i).getLast();
            history(target + i).add(new Entry(entry.id, entry.origin, false));
        }
    }

    /** Whether there is no doubt about what these blocks hold. */
    boolean isCertain(long from, long count) {
        for (long block = from; block < from + count; block++) {
            Entry last = history(block).getLast();
            if (!last.endedWell || last.id == ANYTHING) {
                return false;
            }
        }
        return true;
    }

    /** Writes to {@code address} what the block holds for certain. */
    void fill(long block, long address) {
        Entry last = history(block).getLast();
        Pattern.fill(address, blockSize, last.id, last.origin);
    }

    /** What was asked last of these blocks has ended. */
    void ended(long from, long count, boolean well) {
        for (long block = from; block < from + count; block++) {
            history(block).getLast().endedWell = well;
        }
    }

    /** What a flush that is submitted now will make durable. */
    Floor floor() {
        int[] entries = new int[blocks.size()];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = lastGood(first + i);
        }
        return new Floor(entries);
    }

    private int lastGood(long block) {
        List<Entry> history = history(block);
        int at = history.size() - 1;
        while (!history.get(at).endedWell) {
            at--;
        }
        return at;
    }

    /** Whether the block may hold, now, what lies at the address. */
    boolean allows(long block, long address) {
        return allowsFrom(lastGood(block), block, address);
    }

    /** Whether the block may hold that after a power cut, {@code floor} being what the last acknowledged flush covered. */
    public boolean allowsAfterCut(Floor floor, long block, long address) {
        return allowsFrom(floor == null ? 0 : floor.entries[(int) (block - first)], block, address);
    }

    private boolean allowsFrom(int from, long block, long address) {
        List<Entry> history = history(block);
        for (int at = from; at < history.size(); at++) {
            Entry entry = history.get(at);
            if (entry.id == ANYTHING || Pattern.matches(address, blockSize, entry.id, entry.origin)) {
                return true;
            }
        }
        return false;
    }
}
