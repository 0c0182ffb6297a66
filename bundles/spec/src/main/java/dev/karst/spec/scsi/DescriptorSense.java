package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** The head of sense data in descriptor format: 8 bytes; descriptors follow. SPC-5, 4.4.2. */
public final class DescriptorSense extends Struct {
    public static final int BYTES = 8;

    /** RESPONSE CODE. */
    public static final U8 RESPONSE_CODE = u8(0);
    /** SENSE KEY. */
    public static final U8 SENSE_KEY = u8(1);
    /** ADDITIONAL SENSE CODE and its qualifier. */
    public static final U16be ADDITIONAL_SENSE_CODE = u16be(2);
    /** Reserved. */
    public static final Bytes RSVD4 = bytes(4, 3);
    /** ADDITIONAL SENSE LENGTH: bytes of all descriptors. */
    public static final U8 ADDITIONAL_SENSE_LENGTH = u8(7);

    /** RESPONSE CODE of current sense data. */
    public static final int CURRENT = 0x72;
}
