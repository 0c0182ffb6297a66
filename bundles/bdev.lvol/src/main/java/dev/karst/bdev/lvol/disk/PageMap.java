package dev.karst.bdev.lvol.disk;

import java.util.BitSet;

/**
 * Which pages of metadata are free, in memory only: the mount finds it out. A page that is released stays as it is until the
 * commit that does without it is durable.
 */
public class PageMap {
    /** Pages that only changes may use which make room. */
    public static final int RESERVE = 8;

    private final int pages;
    private final BitSet used = new BitSet();
    private BitSet released = new BitSet();
    private BitSet leaving = new BitSet();
    private final BitSet pinned = new BitSet();
    private boolean isPinned;
    private int free;
    /** No free one lies before. */
    private int freeFrom;
    /** Behind the last page that was ever used. */
    private int fresh;
    /** How many pages the next commit writes as things stand. */
    private int dirty;

    /** All pages are free but those of the super blocks. */
    public PageMap(int pages) {
        this.pages = pages;
        free = pages - 2;
        used.set(SuperBlock.FIRST);
        used.set(SuperBlock.SECOND);
        fresh = 1;
    }

    public int fresh() {
        return fresh;
    }

    public int total() {
        return pages;
    }

    /** For the mount: this page holds something; false if it did already. */
    public boolean use(int page) {
        if (used.get(page)) {
            return false;
        }
        used.set(page);
        free--;
        fresh = Math.max(fresh, page + 1);
        return true;
    }

    /** For a mount that found damage: what lies before this page and is not known may be needed. */
    public void suspectBefore(int page) {
        for (int at = used.nextClearBit(0); at < page; at = used.nextClearBit(at)) {
            use(at);
        }
    }

    /** For a repair, when no commit runs: only these hold something, and what is on its way out. */
    public void useOnly(BitSet needed) {
        released.andNot(needed);
        leaving.andNot(needed);
        pinned.andNot(needed);
        used.clear();
        used.or(needed);
        used.or(released);
        used.or(leaving);
        used.or(pinned);
        used.set(SuperBlock.FIRST);
        used.set(SuperBlock.SECOND);
        free = pages - used.cardinality();
        freeFrom = 0;
    }

    /** A page to be written; there is one, as {@link #room} promised. */
    public int take() {
        int page = used.nextClearBit(freeFrom);
        freeFrom = page;
        assert page < pages : "no page is free, though there was room";
        use(page);
        return page;
    }

    /** The next commit does without this page; a pointer that was damaged may name one that is none. */
    public void release(int page) {
        if (page > 0 && used.get(page)) {
            released.set(page);
        }
    }

    /** A commit was gathered: what was released until now is free when it is durable. */
    public void gathered() {
        BitSet none = leaving;
        leaving = released;
        released = none;
    }

    /** The commit that was gathered is durable. */
    public void durable() {
        if (isPinned) {
            pinned.or(leaving);
        } else {
            free(leaving);
        }
        leaving.clear();
    }

    private void free(BitSet gone) {
        used.andNot(gone);
        freeFrom = gone.isEmpty() ? freeFrom : Math.min(freeFrom, gone.nextSetBit(0));
        free += gone.cardinality();
    }

    /** How many pages are free when a commit has been durable that changes nothing more. */
    public int freeSoon() {
        return free + released.cardinality() + leaving.cardinality();
    }

    /** Until {@link #unpin} no page becomes free. */
    public void pin() {
        isPinned = true;
    }

    /** How many pages hold something, those of the super blocks left out. */
    public int used() {
        return pages - 2 - free;
    }

    public void unpin() {
        isPinned = false;
        free(pinned);
        pinned.clear();
    }

    /** So many more pages are to be written, or fewer. */
    public void dirtied(int change) {
        dirty += change;
    }

    public int dirty() {
        return dirty;
    }

    /** How many more pages can be made dirty now. */
    public int room() {
        return free - dirty;
    }

    /** Whether a commit would make pages free. */
    public boolean canGain() {
        return !released.isEmpty() || !leaving.isEmpty() || dirty > 0;
    }
}
