package dev.karst.nvmf.core.model;

/**
 * How much one command of a subsystem's hosts may cover. NVM Command Set 1.1, 4.1.5.4.
 *
 * @param dmrsl most blocks of a range of a Dataset Management; 0 for no limit
 * @param wzsl most bytes of a Write Zeroes, as a power of two of 4 KiB; 0 for no limit
 */
public record SizeLimits(long dmrsl, int wzsl) {
    /** What holds when nobody sets them; SPDK's. */
    public static final SizeLimits USUAL = new SizeLimits(1 << 21, 12);
    /** The largest {@link #wzsl}: more than the field for the number of blocks can say. */
    public static final int WZSL_MAX = 32;

    private static final int PAGE_SHIFT = 12;
    private static final int COMPARE_AND_WRITE_BYTES = 1 << 16;

    /** Most blocks of a Write Zeroes; a limit below one block lets one through. */
    public long maxZeroesBlocks(int blockBytes) {
        return wzsl == 0 ? Long.MAX_VALUE : Math.max(1, (1L << wzsl + PAGE_SHIFT) / blockBytes);
    }

    /** Most blocks of a range of a Dataset Management. */
    public long maxDiscardBlocks() {
        return dmrsl == 0 ? Long.MAX_VALUE : dmrsl;
    }

    /** Most blocks of a fused Compare and Write: of 64 KiB, and one at least. */
    public static long maxCompareAndWriteBlocks(int blockBytes) {
        return Math.max(1, COMPARE_AND_WRITE_BYTES / blockBytes);
    }
}
