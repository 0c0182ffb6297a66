package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** The head of the parameter list of UNMAP: 8 bytes. SBC-4, 5.35.2. */
public final class UnmapHeader extends Struct {
    public static final int BYTES = 8;

    /** UNMAP DATA LENGTH: bytes behind this field. */
    public static final U16be UNMAP_DATA_LENGTH = u16be(0);
    /** UNMAP BLOCK DESCRIPTOR DATA LENGTH: bytes of descriptors. */
    public static final U16be UNMAP_BLOCK_DESCRIPTOR_DATA_LENGTH = u16be(2);
    /** Reserved. */
    public static final Bytes RSVD4 = bytes(4, 4);
}
