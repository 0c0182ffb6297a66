package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** Parameter data of READ CAPACITY (16): 32 bytes. SBC-4, 5.21.2. */
public final class ReadCapacity16Data extends Struct {
    public static final int BYTES = 32;

    /** RETURNED LOGICAL BLOCK ADDRESS: the last one. */
    public static final U64be RETURNED_LOGICAL_BLOCK_ADDRESS = u64be(0);
    /** LOGICAL BLOCK LENGTH IN BYTES. */
    public static final U32be LOGICAL_BLOCK_LENGTH_IN_BYTES = u32be(8);
    /** PROT_EN, P_TYPE, RC BASIS. */
    public static final U8 P_TYPE = u8(12);
    /** LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT. */
    public static final Bits LOGICAL_BLOCKS_PER_PHYSICAL_BLOCK_EXPONENT = bits(13, 1, 0, 4);
    /** P_I_EXPONENT. */
    public static final Bits P_I_EXPONENT = bits(13, 1, 4, 4);
    /** LBPME and LBPRZ in bits 15 and 14, LOWEST ALIGNED LOGICAL BLOCK ADDRESS. */
    public static final U16be LOWEST_ALIGNED_LOGICAL_BLOCK_ADDRESS = u16be(14);
    /** Reserved. */
    public static final Bytes RSVD16 = bytes(16, 16);

    /** Of the word at 14: blocks can be unmapped. */
    public static final int LBPME = 0x8000;
    /** Of the word at 14: unmapped blocks read as zeros. */
    public static final int LBPRZ = 0x4000;
}
