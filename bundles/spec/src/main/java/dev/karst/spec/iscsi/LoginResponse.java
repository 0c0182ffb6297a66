package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Login Response: 48 bytes. RFC 7143, 11.13. */
public final class LoginResponse extends Struct {
    public static final int BYTES = 48;

    public static final U8 OPCODE = u8(0);
    /** As in the request. */
    public static final U8 FLAGS = u8(1);
    /** Highest version that the target knows. */
    public static final U8 VERSION_MAX = u8(2);
    /** The version in use. */
    public static final U8 VERSION_ACTIVE = u8(3);
    public static final U32be LENGTHS = u32be(4);
    /** Initiator session identifier. */
    public static final Bytes ISID = bytes(8, 6);
    /** Target session identifying handle. */
    public static final U16be TSIH = u16be(14);
    public static final U32be ITT = u32be(16);
    public static final Bytes RSVD20 = bytes(20, 4);
    /** Status sequence number. */
    public static final U32be STATSN = u32be(24);
    /** The command sequence number that the target expects next. */
    public static final U32be EXPCMDSN = u32be(28);
    /** The highest command sequence number that the target takes. */
    public static final U32be MAXCMDSN = u32be(32);
    /** Class and detail of the status: {@link LoginStatus}. */
    public static final U16be STATUS = u16be(36);
    public static final Bytes RSVD38 = bytes(38, 10);

    private LoginResponse() {}
}
