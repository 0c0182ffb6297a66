package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Logout Response: 48 bytes. RFC 7143, 11.15. */
public final class LogoutResponse extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    public static final Bytes RSVD20 = bytes(20, 4);
    /** Status sequence number. */
    public static final U32be STATSN = u32be(24);
    /** The command sequence number that the target expects next. */
    public static final U32be EXPCMDSN = u32be(28);
    /** The highest command sequence number that the target takes. */
    public static final U32be MAXCMDSN = u32be(32);
    public static final Bytes RSVD36 = bytes(36, 4);
    /** Seconds before the initiator may reconnect. */
    public static final U16be TIME2WAIT = u16be(40);
    /** Seconds after which what is left is forgotten. */
    public static final U16be TIME2RETAIN = u16be(42);
    public static final Bytes RSVD44 = bytes(44, 4);

    // Responses, in byte 2.
    public static final int CLOSED = 0;
    public static final int NO_CID = 1;
    public static final int NO_RECOVERY = 2;

    private LogoutResponse() {}
}
