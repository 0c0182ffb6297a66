package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Task Management Function Response: 48 bytes. RFC 7143, 11.6. */
public final class TaskResponse extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    public static final Bytes RSVD20 = bytes(20, 4);
    /** Status sequence number. */
    public static final U32be STATSN = u32be(24);
    /** The command sequence number that the target expects next. */
    public static final U32be EXPCMDSN = u32be(28);
    /** The highest command sequence number that the target takes. */
    public static final U32be MAXCMDSN = u32be(32);
    public static final Bytes RSVD36 = bytes(36, 12);

    // Responses, in byte 2.
    public static final int COMPLETE = 0;
    public static final int NO_TASK = 1;
    public static final int NO_LUN = 2;
    public static final int REASSIGNMENT_NOT_SUPPORTED = 4;
    public static final int NOT_SUPPORTED = 5;
    public static final int REJECTED = 255;

    private TaskResponse() {}
}
