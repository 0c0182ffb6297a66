package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Reject; the header that was wrong is its data: 48 bytes. RFC 7143, 11.17. */
public final class Reject extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    public static final Bytes RSVD20 = bytes(20, 4);
    /** Status sequence number. */
    public static final U32be STATSN = u32be(24);
    /** The command sequence number that the target expects next. */
    public static final U32be EXPCMDSN = u32be(28);
    /** The highest command sequence number that the target takes. */
    public static final U32be MAXCMDSN = u32be(32);
    public static final U32be DATASN = u32be(36);
    public static final Bytes RSVD40 = bytes(40, 8);

    // Reasons, in byte 2.
    public static final int DATA_DIGEST_ERROR = 2;
    public static final int SNACK_REJECT = 3;
    public static final int PROTOCOL_ERROR = 4;
    public static final int COMMAND_NOT_SUPPORTED = 5;
    public static final int IMMEDIATE_COMMAND_REJECT = 6;
    public static final int TASK_IN_PROGRESS = 7;
    public static final int INVALID_PDU_FIELD = 9;
    public static final int WAITING_FOR_LOGOUT = 12;

    private Reject() {}
}
