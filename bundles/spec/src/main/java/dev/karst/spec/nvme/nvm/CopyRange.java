package dev.karst.spec.nvme.nvm;

import dev.karst.base.Struct;

/** A source range of Copy, descriptor format 0: 32 bytes. NVM Command Set 1.1, 3.3.2. */
public final class CopyRange extends Struct {
    public static final int BYTES = 32;

    /** Reserved. */
    public static final Bytes RSVD0 = bytes(0, 8);
    /** Starting LBA. */
    public static final U64le SLBA = u64le(8);
    /** Number of logical blocks, less one. */
    public static final U16le NLB = u16le(16);
    /** Reserved. */
    public static final Bytes RSVD18 = bytes(18, 6);
    /** Expected initial logical block reference tag. */
    public static final U32le EILBRT = u32le(24);
    /** Expected logical block application tag. */
    public static final U16le ELBAT = u16le(28);
    /** Expected logical block application tag mask. */
    public static final U16le ELBATM = u16le(30);

    /** Its number among the formats. */
    public static final int FORMAT = 0;
}
