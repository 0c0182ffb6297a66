package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Login Request: 48 bytes. RFC 7143, 11.12. */
public final class LoginRequest extends Struct {
    public static final int BYTES = 48;

    public static final U8 OPCODE = u8(0);
    /** T, C, CSG and NSG. */
    public static final U8 FLAGS = u8(1);
    /** Highest version that the initiator knows. */
    public static final U8 VERSION_MAX = u8(2);
    /** Lowest version that the initiator knows. */
    public static final U8 VERSION_MIN = u8(3);
    public static final U32be LENGTHS = u32be(4);
    /** Initiator session identifier. */
    public static final Bytes ISID = bytes(8, 6);
    /** Target session identifying handle; 0 for a new session. */
    public static final U16be TSIH = u16be(14);
    public static final U32be ITT = u32be(16);
    /** Connection identifier. */
    public static final U16be CID = u16be(20);
    public static final Bytes RSVD22 = bytes(22, 2);
    /** Command sequence number. */
    public static final U32be CMDSN = u32be(24);
    /** The status sequence number that the initiator expects next. */
    public static final U32be EXPSTATSN = u32be(28);
    public static final Bytes RSVD32 = bytes(32, 16);

    /** FLAGS: ready for the next stage. */
    public static final int T = 0x80;
    /** FLAGS: the text goes on in the next PDU. */
    public static final int C = 0x40;
    /** FLAGS: bits of NSG; those of CSG are above. */
    public static final int STAGE_MASK = 3;
    /** FLAGS: where CSG begins. */
    public static final int CSG_SHIFT = 2;

    private LoginRequest() {}
}
