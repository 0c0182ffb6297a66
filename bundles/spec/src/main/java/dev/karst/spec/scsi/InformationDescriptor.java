package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** The sense data descriptor for INFORMATION: 12 bytes. SPC-5, 4.4.2.2. */
public final class InformationDescriptor extends Struct {
    public static final int BYTES = 12;

    /** DESCRIPTOR TYPE: 0. */
    public static final U8 DESCRIPTOR_TYPE = u8(0);
    /** ADDITIONAL LENGTH: 10. */
    public static final U8 ADDITIONAL_LENGTH = u8(1);
    /** VALID, in bit 7. */
    public static final U8 VALID = u8(2);
    /** Reserved. */
    public static final U8 RSVD3 = u8(3);
    /** INFORMATION. */
    public static final U64be INFORMATION = u64be(4);
}
