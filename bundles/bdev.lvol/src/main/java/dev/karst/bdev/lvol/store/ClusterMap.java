package dev.karst.bdev.lvol.store;

import java.util.BitSet;

/**
 * Which clusters are free, and which of those hold zeros, in memory only: the mount finds it out. A cluster that is released
 * keeps its contents until the commit that does without it is durable; then it is dirty until somebody clears it.
 *
 * <p>Clusters behind a mark that stands in the super block were never used. The mark is raised, durably, before any of them is
 * used, and by many at a time.
 */
class ClusterMap {
    /** The mark is raised by as many clusters as there are before it, but by a part of all, and by some at least, and not by too many. */
    private static final int LEAST_PARTS = 64;
    private static final int MOST_PARTS = 8;
    private static final int LEAST_RAISE = 8;

    private final int first;
    private int total;
    /** Behind the last one that was ever used. */
    private int fresh;
    /** Up to here fresh ones may be used: it is durable. */
    private int mark;
    private int nextMark;
    private int gatheredMark;
    private final BitSet owned = new BitSet();
    private final BitSet clean = new BitSet();
    private final BitSet dirty = new BitSet();
    private BitSet released = new BitSet();
    private BitSet leaving = new BitSet();
    /** What {@link #free} says, counted. */
    private int free;
    /** No clean one lies before. */
    private int cleanFrom;
    /** No dirty one lies before. */
    private int dirtyFrom;

    /** Clusters of which none is owned; those from the mark on were never used. */
    ClusterMap(int first, int total, int mark) {
        this.first = first;
        this.total = total;
        this.mark = mark;
        fresh = mark;
        nextMark = mark;
        gatheredMark = mark;
        free = total - mark;
    }

    int first() {
        return first;
    }

    int total() {
        return total;
    }

    /** For the mount: a volume owns it; false if one does already. */
    boolean own(int cluster) {
        if (owned.get(cluster)) {
            return false;
        }
        owned.set(cluster);
        return true;
    }

    /** For a repair: the volume that owned it is gone, durably. */
    void disown(int cluster) {
        owned.clear(cluster);
    }

    /**
     * For the mount and a repair, when all that is owned is known: the others may hold anything, so they are cleared before they
     * are used.
     */
    void freeOthers() {
        for (int at = owned.nextClearBit(first); at < fresh; at = owned.nextClearBit(at + 1)) {
            if (!clean.get(at) && !dirty.get(at) && !released.get(at) && !leaving.get(at)) {
                dirty.set(at);
                free++;
            }
        }
        dirtyFrom = 0;
    }

    /** Clusters that volumes can get: free ones, those that a commit makes free, and those that are being cleared. */
    int free() {
        return free;
    }

    /** A free one that holds zeros, owned from now on; 0 if there is none. */
    int takeClean() {
        int cluster = clean.nextSetBit(cleanFrom);
        cleanFrom = cluster < 0 ? total : cluster;
        if (cluster >= 0) {
            clean.clear(cluster);
        } else if (fresh < mark) {
            cluster = fresh++;
        } else {
            return 0;
        }
        free--;
        owned.set(cluster);
        return cluster;
    }

    /** A free one that is to be cleared first, owned from now on; 0 if there is none. */
    int takeDirty() {
        int cluster = dirty.nextSetBit(dirtyFrom);
        dirtyFrom = cluster < 0 ? total : cluster;
        if (cluster < 0) {
            return 0;
        }
        free--;
        dirty.clear(cluster);
        owned.set(cluster);
        return cluster;
    }

    /** Gives back what was taken and in no commit yet. */
    void giveBack(int cluster, boolean isClean) {
        free++;
        put(cluster, isClean);
    }

    /** This run was cleared, or could not be. */
    void cleared(int from, int to, boolean isClean) {
        for (int cluster = from; cluster < to; cluster++) {
            put(cluster, isClean);
        }
    }

    private void put(int cluster, boolean isClean) {
        owned.clear(cluster);
        if (isClean) {
            clean.set(cluster);
            cleanFrom = Math.min(cleanFrom, cluster);
        } else {
            dirty.set(cluster);
            dirtyFrom = Math.min(dirtyFrom, cluster);
        }
    }

    /** The next commit does without this cluster. */
    void release(int cluster) {
        owned.clear(cluster);
        released.set(cluster);
        free++;
    }

    /** Whether a commit would bring free clusters. */
    boolean canGain() {
        return !released.isEmpty() || !leaving.isEmpty();
    }

    /** The next commit allows the use of more fresh ones; false if there are none. */
    boolean raiseMark() {
        if (mark == total) {
            return false;
        }
        nextMark = Math.min(total, Math.max(nextMark, mark + raise()));
        return true;
    }

    private int raise() {
        return Math.max(LEAST_RAISE, Math.clamp(mark - first, total / LEAST_PARTS, total / MOST_PARTS));
    }

    /** Whether a commit should allow the use of more fresh ones, before those run out that may be used. */
    boolean isShort() {
        return nextMark == mark && mark < total && mark - fresh < raise() / 4 && clean.isEmpty();
    }

    /** The mark that the commit writes which is gathered now. */
    int nextMark() {
        return nextMark;
    }

    /** Whether a commit has something to do here. */
    boolean isChanged() {
        return nextMark != mark || !released.isEmpty();
    }

    /** A commit was gathered. It raises the mark if that is due, for which it costs nothing more. */
    void gathered() {
        if (isShort()) {
            raiseMark();
        }
        BitSet none = leaving;
        leaving = released;
        released = none;
        gatheredMark = nextMark;
    }

    /** The commit that was gathered is durable. Gives the clusters that became dirty with it. */
    BitSet durable() {
        BitSet freed = (BitSet) leaving.clone();
        dirty.or(leaving);
        dirtyFrom = leaving.isEmpty() ? dirtyFrom : Math.min(dirtyFrom, leaving.nextSetBit(0));
        leaving.clear();
        mark = gatheredMark;
        return freed;
    }

    /** A run of dirty clusters among these, not to be used until they are {@link #cleared}; null if there is none. */
    int[] takeRun(BitSet among) {
        int from = among.nextSetBit(0);
        while (from >= 0 && !dirty.get(from)) {
            from = among.nextSetBit(from + 1);
        }
        if (from < 0) {
            return null;
        }
        int to = from;
        while (among.get(to) && dirty.get(to)) {
            to++;
        }
        dirty.clear(from, to);
        owned.set(from, to);
        return new int[] {from, to};
    }

    /** There are more clusters behind; if they do not read as zeros, they are free and dirty when a commit is durable. */
    void grow(int clusters, boolean zeros) {
        free += clusters - total;
        total = clusters;
        if (!zeros) {
            released.set(fresh, clusters);
            fresh = clusters;
            nextMark = clusters;
        }
    }
}
