package dev.karst.nvmf.core.model;

/** How much one Copy may do; Identify Namespace says so. NVM Command Set 1.1, 4.1.5.1. */
public final class CopyLimits {
    /** Source ranges: as many descriptors as fit in 4 KiB. MSRC + 1. */
    public static final int MAX_RANGES = 128;
    /** Blocks of a source range. MSSRL. */
    public static final int MAX_RANGE_BLOCKS = 65535;
    /** Blocks altogether. MCL. */
    public static final int MAX_BLOCKS = 4 * MAX_RANGE_BLOCKS;

    private CopyLimits() {}
}
