package dev.karst.scsi.core.model;

/** How much one command may cover, beside what its transport moves at once. */
public final class Limits {
    /** Bytes of a transfer that are best for most. */
    public static final int OPTIMAL_BYTES = 128 * 1024;
    /** Most blocks of all ranges of an UNMAP. */
    public static final long UNMAP_BLOCKS = 1L << 20;
    /** Most ranges of an UNMAP. */
    public static final int UNMAP_DESCRIPTORS = 256;
    /** Most blocks of a WRITE SAME: as many as its shorter form can say. */
    public static final long WRITE_SAME_BLOCKS = 0xffff;

    private static final int COMPARE_AND_WRITE_BYTES = 1 << 16;
    private static final int MOST_COMPARE_AND_WRITE_BLOCKS = 255;

    private Limits() {}

    /** Most blocks of a COMPARE AND WRITE: of 64 KiB, as far as one byte can say that. */
    public static int compareAndWriteBlocks(int blockShift) {
        return Math.clamp(COMPARE_AND_WRITE_BYTES >> blockShift, 1, MOST_COMPARE_AND_WRITE_BLOCKS);
    }
}
