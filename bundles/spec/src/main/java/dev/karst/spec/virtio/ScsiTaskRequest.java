package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** A task management function, asked for in the control queue: 24 bytes; one byte is the answer. VIRTIO 1.2, 5.6.6.2. */
public final class ScsiTaskRequest extends Struct {
    public static final int BYTES = 24;

    /** What a request in the control queue is: {@link #T_TMF} and its like. */
    public static final U32le TYPE = u32le(0);
    public static final U32le SUBTYPE = u32le(4);
    /** As in {@link ScsiRequest#LUN}. */
    public static final U64be LUN = u64be(8);
    /** {@link ScsiRequest#ID} of the request that is meant. */
    public static final U64le ID = u64le(16);

    /** {@link #TYPE} */
    public static final int T_TMF = 0;
    public static final int T_AN_QUERY = 1;
    public static final int T_AN_SUBSCRIBE = 2;

    /** {@link #SUBTYPE} */
    public static final int ABORT_TASK = 0;
    public static final int ABORT_TASK_SET = 1;
    public static final int CLEAR_ACA = 2;
    public static final int CLEAR_TASK_SET = 3;
    public static final int I_T_NEXUS_RESET = 4;
    public static final int LOGICAL_UNIT_RESET = 5;
    public static final int QUERY_TASK = 6;
    public static final int QUERY_TASK_SET = 7;

    /** The answer: done. Others are {@link ScsiResponse#S_BAD_TARGET} and its like. */
    public static final int S_FUNCTION_COMPLETE = 0;
    /** The answer to {@link #QUERY_TASK} and {@link #QUERY_TASK_SET}: there is. */
    public static final int S_FUNCTION_SUCCEEDED = 10;
    public static final int S_FUNCTION_REJECTED = 11;
    public static final int S_INCORRECT_LUN = 12;

    private ScsiTaskRequest() {}
}
