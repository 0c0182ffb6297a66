package dev.karst.bdev.lvol.disk;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntFunction;

/**
 * A radix tree of pages: leaves that its owner writes, and above them nodes of {@link #FANOUT} pointers until one page is left,
 * the root. A leaf or node without contents has no page.
 */
public final class PageTree {
    public static final int FANOUT = 250;

    /** Who gives a page its place and sees to it that it is written. */
    public interface Placer {
        Pointer place(byte[] page, Page.Identity identity);
    }

    private final int leafKind;
    private final int nodeKind;
    private final PageMap pages;
    private Pointer[][] levels;
    private BitSet[] dirty;

    /** Leaves without contents. */
    public PageTree(int leafKind, int nodeKind, PageMap pages, int leaves) {
        this.leafKind = leafKind;
        this.nodeKind = nodeKind;
        this.pages = pages;
        shape(leaves);
    }

    private void shape(int leaves) {
        int count = 1;
        for (int size = leaves; size > 1; size = (size + FANOUT - 1) / FANOUT) {
            count++;
        }
        levels = new Pointer[count][];
        dirty = new BitSet[count];
        int size = leaves;
        for (int level = 0; level < count; level++) {
            levels[level] = new Pointer[size];
            Arrays.fill(levels[level], Pointer.NONE);
            dirty[level] = new BitSet();
            size = (size + FANOUT - 1) / FANOUT;
        }
    }

    public int leaves() {
        return levels[0].length;
    }

    /** Levels above the leaves. */
    public int height() {
        return levels.length - 1;
    }

    /** Most pages above the leaves. */
    public int nodes() {
        return Arrays.stream(levels).skip(1).mapToInt(level -> level.length).sum();
    }

    public Pointer root() {
        return leaves() == 0 ? Pointer.NONE : levels[height()][0];
    }

    public int size(int level) {
        return levels[level].length;
    }

    public Page.Identity identity(int level, int index) {
        return new Page.Identity(level == 0 ? leafKind : nodeKind, level, index);
    }

    /** For the mount: where the page is. */
    public void adopt(int level, int index, Pointer pointer) {
        levels[level][index] = pointer;
    }

    /** The leaf's contents differ from its page. */
    public void touch(int leaf) {
        int index = leaf;
        for (int level = 0; level < levels.length && !dirty[level].get(index); level++) {
            dirty[level].set(index);
            pages.dirtied(1);
            index /= FANOUT;
        }
    }

    /** Another number of leaves; new ones have no contents, those cut off lose theirs. */
    public void resize(int leaves) {
        Pointer[][] oldLevels = levels;
        BitSet[] oldDirty = dirty;
        shape(leaves);
        for (int level = 0; level < oldLevels.length; level++) {
            pages.dirtied(-oldDirty[level].cardinality());
            int kept = level < levels.length ? Math.min(levels[level].length, oldLevels[level].length) : 0;
            if (kept > 0) {
                System.arraycopy(oldLevels[level], 0, levels[level], 0, kept);
            }
            Arrays.stream(oldLevels[level], kept, oldLevels[level].length).forEach(this::release);
            for (int at = oldDirty[level].nextSetBit(0); at >= 0 && at < kept; at = oldDirty[level].nextSetBit(at + 1)) {
                touchAt(level, at);
            }
        }
        touchEdges(oldLevels);
    }

    /** The nodes whose children came or went. */
    private void touchEdges(Pointer[][] oldLevels) {
        for (int level = 1; level < levels.length; level++) {
            int before = level < oldLevels.length ? oldLevels[level - 1].length : 0;
            int from = Math.min(before, levels[level - 1].length) / FANOUT;
            for (int at = from; at < levels[level].length && before != levels[level - 1].length; at++) {
                touchAt(level, at);
            }
        }
    }

    /** A leaf or node differs from its page, and so do those above it. */
    public void touchAt(int level, int index) {
        int at = index;
        for (int above = level; above < levels.length; above++) {
            if (!dirty[above].get(at)) {
                dirty[above].set(at);
                pages.dirtied(1);
            }
            at /= FANOUT;
        }
    }

    /** Adds the numbers of its pages. */
    public void addPagesTo(BitSet all) {
        for (Pointer[] level : levels) {
            Arrays.stream(level).filter(pointer -> !pointer.isNone()).forEach(pointer -> all.set(pointer.page()));
        }
    }

    /** All leaves that have contents differ from their pages, and so do the nodes above them. */
    public void touchAll() {
        for (int leaf = 0; leaf < leaves(); leaf++) {
            if (!levels[0][leaf].isNone()) {
                touchAt(0, leaf);
            }
        }
    }

    /** All its pages go with the next commit. */
    public void release() {
        for (int level = 0; level < levels.length; level++) {
            Arrays.stream(levels[level]).forEach(this::release);
            pages.dirtied(-dirty[level].cardinality());
            dirty[level].clear();
        }
    }

    private void release(Pointer pointer) {
        if (!pointer.isNone()) {
            pages.release(pointer.page());
        }
    }

    /**
     * Gives all that is dirty new pages. The leaf's function gives a page with the body of a leaf, or null if there is nothing in
     * it.
     */
    public void write(IntFunction<byte[]> leaf, Placer placer) {
        for (int level = 0; level < levels.length; level++) {
            for (int at = dirty[level].nextSetBit(0); at >= 0; at = dirty[level].nextSetBit(at + 1)) {
                release(levels[level][at]);
                byte[] page = level == 0 ? leaf.apply(at) : node(level, at);
                levels[level][at] = page == null ? Pointer.NONE : placer.place(page, identity(level, at));
            }
            pages.dirtied(-dirty[level].cardinality());
            dirty[level].clear();
        }
    }

    private byte[] node(int level, int index) {
        Pointer[] below = levels[level - 1];
        byte[] page = new byte[Page.BYTES];
        boolean any = false;
        for (int i = 0; i < FANOUT && index * FANOUT + i < below.length; i++) {
            Pointer child = below[index * FANOUT + i];
            child.write(page, Page.BODY + i * Pointer.BYTES);
            any |= !child.isNone();
        }
        return any ? page : null;
    }
}
