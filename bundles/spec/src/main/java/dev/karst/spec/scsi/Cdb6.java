package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** The CDB of READ (6) and WRITE (6): 6 bytes. SBC-4, 5.16 and 5.43. */
public final class Cdb6 extends Struct {
    public static final int BYTES = 6;

    /** OPERATION CODE. */
    public static final U8 OPERATION_CODE = u8(0);
    /** LOGICAL BLOCK ADDRESS, its upper 5 bits. */
    public static final Bits LOGICAL_BLOCK_ADDRESS_HIGH = bits(1, 1, 0, 5);
    /** Reserved. */
    public static final Bits RSVD1 = bits(1, 1, 5, 3);
    /** LOGICAL BLOCK ADDRESS, its lower 16 bits. */
    public static final U16be LOGICAL_BLOCK_ADDRESS_LOW = u16be(2);
    /** TRANSFER LENGTH in blocks; 0 for 256. */
    public static final U8 TRANSFER_LENGTH = u8(4);
    /** CONTROL. */
    public static final U8 CONTROL = u8(5);
}
