package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** The CDB of 10-byte commands on a range of blocks. SBC-4, 5.17 (READ), 5.44 (WRITE) and others. */
public final class Cdb10 extends Struct {
    public static final int BYTES = 10;

    /** OPERATION CODE. */
    public static final U8 OPERATION_CODE = u8(0);
    /** What the command shall do, as in {@link BlockFlags}. */
    public static final U8 FLAGS = u8(1);
    /** LOGICAL BLOCK ADDRESS. */
    public static final U32be LOGICAL_BLOCK_ADDRESS = u32be(2);
    /** GROUP NUMBER. */
    public static final Bits GROUP_NUMBER = bits(6, 1, 0, 6);
    /** Reserved. */
    public static final Bits RSVD6 = bits(6, 1, 6, 2);
    /** TRANSFER LENGTH and its like, in blocks. */
    public static final U16be TRANSFER_LENGTH = u16be(7);
    /** CONTROL. */
    public static final U8 CONTROL = u8(9);
}
