package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** The sense data descriptor for SENSE KEY SPECIFIC with a field pointer: 8 bytes. SPC-5, 4.4.2.4. */
public final class FieldPointerDescriptor extends Struct {
    public static final int BYTES = 8;

    /** DESCRIPTOR TYPE: 2. */
    public static final U8 DESCRIPTOR_TYPE = u8(0);
    /** ADDITIONAL LENGTH: 6. */
    public static final U8 ADDITIONAL_LENGTH = u8(1);
    /** Reserved. */
    public static final U16be RSVD2 = u16be(2);
    /** SKSV, C/D, BPV and the bit. */
    public static final U8 SENSE_KEY_SPECIFIC = u8(4);
    /** FIELD POINTER, or PROGRESS INDICATION. */
    public static final U16be FIELD_POINTER = u16be(5);
    /** Reserved. */
    public static final U8 RSVD7 = u8(7);

    /** DESCRIPTOR TYPE. */
    public static final int TYPE = 2;
}
