package dev.karst.spec.nvme.nvm;

import dev.karst.base.Struct;

/** A range of the data of Dataset Management: 16 bytes. NVM Command Set 1.1, 3.2.3. */
public final class DatasetManagementRange extends Struct {
    public static final int BYTES = 16;

    /** Context attributes: hints. */
    public static final U32le CATTR = u32le(0);
    /** Length in logical blocks, not less one. */
    public static final U32le LLB = u32le(4);
    /** Starting LBA. */
    public static final U64le SLBA = u64le(8);
}
