package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** Vital product data page B0h: 64 bytes. SBC-4, 6.6.3. */
public final class BlockLimitsPage extends Struct {
    public static final int BYTES = 64;

    /** The head of every page. */
    public static final Bytes HEAD = bytes(0, 4);
    /** WSNZ: WRITE SAME takes no 0 for "all that follow". */
    public static final Bits WSNZ = bits(4, 1, 0, 1);
    /** Reserved. */
    public static final Bits RSVD4 = bits(4, 1, 1, 7);
    /** MAXIMUM COMPARE AND WRITE LENGTH, in blocks. */
    public static final U8 MAXIMUM_COMPARE_AND_WRITE_LENGTH = u8(5);
    /** OPTIMAL TRANSFER LENGTH GRANULARITY, in blocks. */
    public static final U16be OPTIMAL_TRANSFER_LENGTH_GRANULARITY = u16be(6);
    /** MAXIMUM TRANSFER LENGTH, in blocks. */
    public static final U32be MAXIMUM_TRANSFER_LENGTH = u32be(8);
    /** OPTIMAL TRANSFER LENGTH, in blocks. */
    public static final U32be OPTIMAL_TRANSFER_LENGTH = u32be(12);
    /** MAXIMUM PREFETCH LENGTH, in blocks. */
    public static final U32be MAXIMUM_PREFETCH_LENGTH = u32be(16);
    /** MAXIMUM UNMAP LBA COUNT. */
    public static final U32be MAXIMUM_UNMAP_LBA_COUNT = u32be(20);
    /** MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT. */
    public static final U32be MAXIMUM_UNMAP_BLOCK_DESCRIPTOR_COUNT = u32be(24);
    /** OPTIMAL UNMAP GRANULARITY, in blocks. */
    public static final U32be OPTIMAL_UNMAP_GRANULARITY = u32be(28);
    /** UGAVALID and UNMAP GRANULARITY ALIGNMENT. */
    public static final U32be UNMAP_GRANULARITY_ALIGNMENT = u32be(32);
    /** MAXIMUM WRITE SAME LENGTH, in blocks. */
    public static final U64be MAXIMUM_WRITE_SAME_LENGTH = u64be(36);
    /** What is said of WRITE ATOMIC. */
    public static final Bytes RSVD44 = bytes(44, 20);
}
