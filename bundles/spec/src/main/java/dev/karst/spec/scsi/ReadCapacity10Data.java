package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** Parameter data of READ CAPACITY (10): 8 bytes. SBC-4, 5.20.2. */
public final class ReadCapacity10Data extends Struct {
    public static final int BYTES = 8;

    /** RETURNED LOGICAL BLOCK ADDRESS: the last one; all ones if it does not fit. */
    public static final U32be RETURNED_LOGICAL_BLOCK_ADDRESS = u32be(0);
    /** LOGICAL BLOCK LENGTH IN BYTES. */
    public static final U32be LOGICAL_BLOCK_LENGTH_IN_BYTES = u32be(4);
}
