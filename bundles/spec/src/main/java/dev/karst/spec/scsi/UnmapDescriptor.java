package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** A range of UNMAP: 16 bytes. SBC-4, 5.35.2. */
public final class UnmapDescriptor extends Struct {
    public static final int BYTES = 16;

    /** UNMAP LOGICAL BLOCK ADDRESS. */
    public static final U64be UNMAP_LOGICAL_BLOCK_ADDRESS = u64be(0);
    /** NUMBER OF LOGICAL BLOCKS. */
    public static final U32be NUMBER_OF_LOGICAL_BLOCKS = u32be(8);
    /** Reserved. */
    public static final Bytes RSVD12 = bytes(12, 4);
}
