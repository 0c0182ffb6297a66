package dev.karst.spec.scsi;

import dev.karst.base.Struct;

/** Standard INQUIRY data: 96 bytes. SPC-5, 6.7.2. */
public final class InquiryData extends Struct {
    public static final int BYTES = 96;

    /** PERIPHERAL DEVICE TYPE. */
    public static final Bits PERIPHERAL_DEVICE_TYPE = bits(0, 1, 0, 5);
    /** PERIPHERAL QUALIFIER. */
    public static final Bits PERIPHERAL_QUALIFIER = bits(0, 1, 5, 3);
    /** RMB, LU_CONG and others. */
    public static final U8 RMB = u8(1);
    /** VERSION. */
    public static final U8 VERSION = u8(2);
    /** RESPONSE DATA FORMAT. */
    public static final Bits RESPONSE_DATA_FORMAT = bits(3, 1, 0, 4);
    /** HISUP: LUNs are hierarchical. */
    public static final Bits HISUP = bits(3, 1, 4, 1);
    /** NORMACA. */
    public static final Bits NORMACA = bits(3, 1, 5, 1);
    /** Reserved. */
    public static final Bits RSVD3 = bits(3, 1, 6, 2);
    /** ADDITIONAL LENGTH: bytes behind this one. */
    public static final U8 ADDITIONAL_LENGTH = u8(4);
    /** PROTECT: protection information is supported. */
    public static final Bits PROTECT = bits(5, 1, 0, 1);
    /** Reserved. */
    public static final Bits RSVD5 = bits(5, 1, 1, 2);
    /** 3PC: third-party copies are supported. */
    public static final Bits THIRD_PARTY_COPY = bits(5, 1, 3, 1);
    /** TPGS: how target port groups can be asked for and set. */
    public static final Bits TPGS = bits(5, 1, 4, 2);
    /** ACC and SCCS. */
    public static final Bits RSVD5H = bits(5, 1, 6, 2);
    /** Obsolete. */
    public static final Bits RSVD6 = bits(6, 1, 0, 4);
    /** MULTIP: the device has several ports. */
    public static final Bits MULTIP = bits(6, 1, 4, 1);
    /** Vendor specific, ENCSERV. */
    public static final Bits RSVD6H = bits(6, 1, 5, 3);
    /** Vendor specific. */
    public static final Bits RSVD7 = bits(7, 1, 0, 1);
    /** CMDQUE: commands are queued. */
    public static final Bits CMDQUE = bits(7, 1, 1, 1);
    /** Obsolete. */
    public static final Bits RSVD7H = bits(7, 1, 2, 6);
    /** T10 VENDOR IDENTIFICATION. */
    public static final Text T10_VENDOR_IDENTIFICATION = ascii(8, 8);
    /** PRODUCT IDENTIFICATION. */
    public static final Text PRODUCT_IDENTIFICATION = ascii(16, 16);
    /** PRODUCT REVISION LEVEL. */
    public static final Text PRODUCT_REVISION_LEVEL = ascii(32, 4);
    /** Vendor specific, obsolete, reserved. */
    public static final Bytes RSVD36 = bytes(36, 22);
    /** VERSION DESCRIPTOR 1. */
    public static final U16be VERSION_DESCRIPTOR_1 = u16be(58);
    /** VERSION DESCRIPTOR 2. */
    public static final U16be VERSION_DESCRIPTOR_2 = u16be(60);
    /** VERSION DESCRIPTOR 3. */
    public static final U16be VERSION_DESCRIPTOR_3 = u16be(62);
    /** VERSION DESCRIPTOR 4. */
    public static final U16be VERSION_DESCRIPTOR_4 = u16be(64);
    /** VERSION DESCRIPTORs 5 to 8. */
    public static final Bytes VERSION_DESCRIPTOR_5 = bytes(66, 8);
    /** Reserved. */
    public static final Bytes RSVD74 = bytes(74, 22);

    /** VERSION: SPC-4. */
    public static final int SPC_4 = 6;
    /** A version descriptor: SAM-5. */
    public static final int DESCRIPTOR_SAM_5 = 0x00a0;
    /** A version descriptor: SPC-4. */
    public static final int DESCRIPTOR_SPC_4 = 0x0460;
    /** A version descriptor: SBC-3. */
    public static final int DESCRIPTOR_SBC_3 = 0x04c0;
    /** A version descriptor: iSCSI. */
    public static final int DESCRIPTOR_ISCSI = 0x0960;
    /** Where there is no such logical unit and none can be: PERIPHERAL QUALIFIER 3, type 1Fh. */
    public static final int NO_UNIT = 0x7f;
}
