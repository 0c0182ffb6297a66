package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** The CDB of 16-byte commands on a range of blocks. SBC-4, 5.19 (READ), 5.46 (WRITE) and others. */
public final class Cdb16 extends Struct {
    public static final int BYTES = 16;

    /** OPERATION CODE. */
    public static final U8 OPERATION_CODE = u8(0);
    /** What the command shall do, as in {@link BlockFlags}; a SERVICE ACTION. */
    public static final U8 FLAGS = u8(1);
    /** LOGICAL BLOCK ADDRESS. */
    public static final U64be LOGICAL_BLOCK_ADDRESS = u64be(2);
    /** TRANSFER LENGTH and its like, in blocks; ALLOCATION LENGTH, in bytes. */
    public static final U32be TRANSFER_LENGTH = u32be(10);
    /** GROUP NUMBER. */
    public static final Bits GROUP_NUMBER = bits(14, 1, 0, 6);
    /** Reserved. */
    public static final Bits RSVD14 = bits(14, 1, 6, 2);
    /** CONTROL. */
    public static final U8 CONTROL = u8(15);

    /** COMPARE AND WRITE: NUMBER OF LOGICAL BLOCKS, one byte at the end of TRANSFER LENGTH. */
    public static final int NUMBER_OF_LOGICAL_BLOCKS_AT = 13;
}
