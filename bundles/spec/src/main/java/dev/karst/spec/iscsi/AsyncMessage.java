package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Asynchronous Message: 48 bytes. RFC 7143, 11.9. */
public final class AsyncMessage extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    public static final Bytes RSVD20 = bytes(20, 4);
    /** Status sequence number. */
    public static final U32be STATSN = u32be(24);
    /** The command sequence number that the target expects next. */
    public static final U32be EXPCMDSN = u32be(28);
    /** The highest command sequence number that the target takes. */
    public static final U32be MAXCMDSN = u32be(32);
    /** What happened. */
    public static final U8 EVENT = u8(36);
    public static final U8 VENDOR_CODE = u8(37);
    public static final U16be PARAMETER1 = u16be(38);
    public static final U16be PARAMETER2 = u16be(40);
    public static final U16be PARAMETER3 = u16be(42);
    public static final Bytes RSVD44 = bytes(44, 4);

    // Events.
    public static final int SCSI_EVENT = 0;
    public static final int REQUEST_LOGOUT = 1;
    public static final int DROP_CONNECTION = 2;
    public static final int DROP_SESSION = 3;

    private AsyncMessage() {}
}
