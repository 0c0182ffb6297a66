package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Task Management Function Request: 48 bytes. RFC 7143, 11.5. */
public final class TaskRequest extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    /** The task that is meant. */
    public static final U32be REFERENCED_TAG = u32be(20);
    /** Command sequence number. */
    public static final U32be CMDSN = u32be(24);
    /** The status sequence number that the initiator expects next. */
    public static final U32be EXPSTATSN = u32be(28);
    /** Command sequence number of the task that is meant. */
    public static final U32be REFCMDSN = u32be(32);
    public static final U32be EXPDATASN = u32be(36);
    public static final Bytes RSVD40 = bytes(40, 8);

    // Functions, in FLAGS.
    public static final int ABORT_TASK = 1;
    public static final int ABORT_TASK_SET = 2;
    public static final int CLEAR_ACA = 3;
    public static final int CLEAR_TASK_SET = 4;
    public static final int LOGICAL_UNIT_RESET = 5;
    public static final int TARGET_WARM_RESET = 6;
    public static final int TARGET_COLD_RESET = 7;
    public static final int TASK_REASSIGN = 8;
    /** FLAGS: the function. */
    public static final int FUNCTION_MASK = 0x7f;

    private TaskRequest() {}
}
