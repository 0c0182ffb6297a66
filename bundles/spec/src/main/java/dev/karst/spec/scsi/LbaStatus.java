package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** An LBA status descriptor of GET LBA STATUS: 16 bytes. SBC-4, 5.6.2. */
public final class LbaStatus extends Struct {
    public static final int BYTES = 16;
    /** A PROVISIONING STATUS: there may be data. */
    public static final int MAPPED = 0;
    /** A PROVISIONING STATUS: nothing is kept. */
    public static final int DEALLOCATED = 1;

    /** LOGICAL BLOCK ADDRESS. */
    public static final U64be LOGICAL_BLOCK_ADDRESS = u64be(0);
    /** NUMBER OF LOGICAL BLOCKS. */
    public static final U32be NUMBER_OF_LOGICAL_BLOCKS = u32be(8);
    /** PROVISIONING STATUS. */
    public static final U8 PROVISIONING_STATUS = u8(12);
    /** Reserved. */
    public static final Bytes RSVD13 = bytes(13, 3);
}
