package dev.karst.bdev.lvol.spdk;

/** Which cluster of the disk holds each cluster of a volume, 0 for none; what is empty takes no memory. */
public final class ClusterTable {
    /** The most clusters of one volume that is read: 256 TiB of 1 MiB each. */
    static final long MOST = 1L << 28;
    /** Clusters of one leaf, as many as a page with extents has. */
    static final int LEAF = 512;

    private final long clusters;
    private final int[][] leaves;

    /** An empty one. */
    ClusterTable(long clusters) {
        this.clusters = clusters;
        this.leaves = new int[(int) ((clusters + LEAF - 1) / LEAF)][];
    }

    /** How many there are of the volume. */
    public long clusters() {
        return clusters;
    }

    /** The cluster of the disk, or 0. Any thread, once the pool has been read. */
    public int get(long cluster) {
        int[] leaf = leaves[(int) (cluster / LEAF)];
        return leaf == null ? 0 : leaf[(int) (cluster % LEAF)];
    }

    void set(long cluster, int onDisk) {
        int number = (int) (cluster / LEAF);
        if (leaves[number] == null) {
            leaves[number] = new int[LEAF];
        }
        leaves[number][(int) (cluster % LEAF)] = onDisk;
    }

    /** What is seen where this one is laid over what is seen of a parent. */
    ClusterTable over(ClusterTable parent) {
        var seen = new ClusterTable(clusters);
        for (int i = 0; i < leaves.length; i++) {
            int[] below = i < parent.leaves.length ? parent.leaves[i] : null;
            seen.leaves[i] = leaves[i] == null ? below : over(leaves[i], below);
        }
        return seen;
    }

    private static int[] over(int[] leaf, int[] below) {
        int[] seen = leaf.clone();
        for (int i = 0; below != null && i < LEAF; i++) {
            seen[i] = seen[i] == 0 ? below[i] : seen[i];
        }
        return seen;
    }

    /** What is told each cluster of the disk that is used. */
    @FunctionalInterface
    interface Visitor {
        void visit(int onDisk);
    }

    void forEach(Visitor visitor) {
        for (int[] leaf : leaves) {
            for (int i = 0; leaf != null && i < LEAF; i++) {
                if (leaf[i] != 0) {
                    visitor.visit(leaf[i]);
                }
            }
        }
    }

    /** How many clusters of the disk are used. */
    long used() {
        long[] count = new long[1];
        forEach(_ -> count[0]++);
        return count[0];
    }
}
