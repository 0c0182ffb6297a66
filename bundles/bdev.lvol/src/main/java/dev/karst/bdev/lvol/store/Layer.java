package dev.karst.bdev.lvol.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The clusters that a volume owns, and the layer that is seen where it has none. Changed by the reactor of the store; read by any
 * thread, which sees a cluster only when its contents are there.
 */
final class Layer {
    /** The layer below is seen. */
    static final int NONE = 0;
    /** Zeros are read, whatever lies below. */
    static final int ZEROS = -1;
    /** For {@link #find}: the external snapshot is seen. */
    static final int EXTERNAL = -2;
    /** Clusters in a piece: one leaf of extents. */
    static final int PIECE = 1000;

    private static final VarHandle PIECES = MethodHandles.arrayElementVarHandle(int[][].class);
    private static final VarHandle CLUSTERS = MethodHandles.arrayElementVarHandle(int[].class);

    private volatile int[][] pieces;
    private volatile int size;
    private volatile Layer below;
    private volatile boolean external;

    Layer(int size, Layer below, boolean external) {
        this.size = size;
        this.pieces = new int[pieces(size)][];
        this.below = below;
        this.external = external;
    }

    static int pieces(int clusters) {
        return clusters / PIECE + (clusters % PIECE == 0 ? 0 : 1);
    }

    int size() {
        return size;
    }

    Layer below() {
        return below;
    }

    boolean isExternal() {
        return external;
    }

    /** What this layer itself has: a cluster, {@link #NONE} or {@link #ZEROS}. */
    int own(int index) {
        if (index >= size) {
            return NONE;
        }
        int[] piece = (int[]) PIECES.getAcquire(pieces, index / PIECE);
        return piece == null ? NONE : (int) CLUSTERS.getAcquire(piece, index % PIECE);
    }

    /** Where the contents are: a cluster, {@link #ZEROS} or {@link #EXTERNAL}. */
    int find(int index) {
        Layer layer = this;
        while (true) {
            int cluster = layer.own(index);
            if (cluster != NONE) {
                return cluster;
            } else if (layer.below == null) {
                return layer.external ? EXTERNAL : ZEROS;
            } else if (index >= layer.below.size) {
                return ZEROS;
            }
            layer = layer.below;
        }
    }

    void set(int index, int cluster) {
        int[] piece = pieces[index / PIECE];
        if (piece == null) {
            if (cluster == NONE) {
                return;
            }
            piece = new int[PIECE];
            piece[index % PIECE] = cluster;
            PIECES.setRelease(pieces, index / PIECE, piece);
            return;
        }
        CLUSTERS.setRelease(piece, index % PIECE, cluster);
    }

    /** For the mount: a whole piece. */
    void setPiece(int at, int[] piece) {
        pieces[at] = piece;
    }

    /** What stands below from now on; nobody does I/O on the volume meanwhile. */
    void rest(Layer below, boolean external) {
        this.below = below;
        this.external = external;
    }

    /** Another number of clusters; nobody does I/O on the volume meanwhile, and what is cut off is {@link #NONE}. */
    void resize(int clusters) {
        int[][] longer = new int[pieces(clusters)][];
        System.arraycopy(pieces, 0, longer, 0, Math.min(longer.length, pieces.length));
        pieces = longer;
        size = clusters;
    }

    /** Whether a piece has contents. */
    boolean isEmpty(int at) {
        int[] piece = pieces[at];
        if (piece != null) {
            for (int cluster : piece) {
                if (cluster != NONE) {
                    return false;
                }
            }
        }
        return true;
    }
}
