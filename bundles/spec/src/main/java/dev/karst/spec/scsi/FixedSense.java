package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** Sense data in fixed format: 18 bytes. SPC-5, 4.4.3. */
public final class FixedSense extends Struct {
    public static final int BYTES = 18;

    /** RESPONSE CODE. */
    public static final Bits RESPONSE_CODE = bits(0, 1, 0, 7);
    /** VALID: {@link #INFORMATION} holds what the command's standard says. */
    public static final Bits VALID = bits(0, 1, 7, 1);
    /** Obsolete. */
    public static final U8 RSVD1 = u8(1);
    /** SENSE KEY. */
    public static final Bits SENSE_KEY = bits(2, 1, 0, 4);
    /** Reserved, ILI, EOM, FILEMARK. */
    public static final Bits RSVD2 = bits(2, 1, 4, 4);
    /** INFORMATION. */
    public static final U32be INFORMATION = u32be(3);
    /** ADDITIONAL SENSE LENGTH: bytes behind this one. */
    public static final U8 ADDITIONAL_SENSE_LENGTH = u8(7);
    /** COMMAND-SPECIFIC INFORMATION. */
    public static final U32be COMMAND_SPECIFIC_INFORMATION = u32be(8);
    /** ADDITIONAL SENSE CODE and its qualifier. */
    public static final U16be ADDITIONAL_SENSE_CODE = u16be(12);
    /** FIELD REPLACEABLE UNIT CODE. */
    public static final U8 FIELD_REPLACEABLE_UNIT_CODE = u8(14);
    /** SENSE KEY SPECIFIC, its first byte: SKSV and, for a field pointer, C/D, BPV and the bit. */
    public static final U8 SENSE_KEY_SPECIFIC = u8(15);
    /** SENSE KEY SPECIFIC: FIELD POINTER, or PROGRESS INDICATION. */
    public static final U16be FIELD_POINTER = u16be(16);

    /** RESPONSE CODE of current sense data. */
    public static final int CURRENT = 0x70;
}
