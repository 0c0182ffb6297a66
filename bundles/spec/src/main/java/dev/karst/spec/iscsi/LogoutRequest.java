package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Logout Request: 48 bytes. RFC 7143, 11.14. */
public final class LogoutRequest extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    /** Connection identifier. */
    public static final U16be CID = u16be(20);
    public static final Bytes RSVD22 = bytes(22, 2);
    /** Command sequence number. */
    public static final U32be CMDSN = u32be(24);
    /** The status sequence number that the initiator expects next. */
    public static final U32be EXPSTATSN = u32be(28);
    public static final Bytes RSVD32 = bytes(32, 16);

    // Reasons, in FLAGS.
    public static final int CLOSE_SESSION = 0;
    public static final int CLOSE_CONNECTION = 1;
    public static final int FOR_RECOVERY = 2;
    /** FLAGS: the reason. */
    public static final int REASON_MASK = 0x7f;

    private LogoutRequest() {}
}
