package dev.karst.scsi;

import dev.karst.base.ReactorConfined;
import java.util.function.IntConsumer;

/** An I_T nexus of a device, as its transport sees it. Reactor-confined. SAM-6, 4.7. */
@ReactorConfined
public abstract class ScsiNexus {
    /** Task management functions. SAM-6, 7. */
    public enum Management {
        ABORT_TASK, ABORT_TASK_SET, CLEAR_ACA, CLEAR_TASK_SET, LOGICAL_UNIT_RESET, TARGET_RESET, I_T_NEXUS_RESET, QUERY_TASK, QUERY_TASK_SET
    }

    /** Service response: done. */
    public static final int FUNCTION_COMPLETE = 0;
    /** Service response: there is no such task. */
    public static final int NO_TASK = 1;
    /** Service response: there is no such logical unit. */
    public static final int NO_LUN = 2;
    /** Service response: not supported. */
    public static final int NOT_SUPPORTED = 5;
    /** Service response: QUERY TASK found the task, QUERY TASK SET one. */
    public static final int FUNCTION_SUCCEEDED = 8;

    /** Gives a task its half in the device; once for each task that the transport makes for this nexus. */
    public abstract void prepare(ScsiTask task);

    /**
     * Executes a command, all whose data is there. {@link ScsiTask#respond} or {@link ScsiTask#aborted} follows exactly once, inside this
     * call or later.
     */
    public abstract void execute(ScsiTask task);

    /**
     * The transport ends a command itself that it cannot hand over: CHECK CONDITION with ABORTED COMMAND or another key. {@link
     * ScsiTask#respond} follows inside this call.
     *
     * @param key SENSE KEY
     * @param asc ADDITIONAL SENSE CODE in bits 15:8, its qualifier in 7:0
     */
    public abstract void refuse(ScsiTask task, int key, int asc);

    /**
     * Task management. When {@code done} runs no affected task writes any more, and each has come back.
     *
     * @param task for {@link Management#ABORT_TASK} and {@link Management#QUERY_TASK}: the task, which is being executed; null when the
     *     transport knows none
     * @param done runs on this reactor, inside this call or later, with the service response
     */
    public abstract void manage(Management function, long lun, ScsiTask task, IntConsumer done);

    /** The session has ended: I_T nexus loss. What is in flight comes back soon, and {@link NexusOwner#released} follows. */
    public abstract void close();
}
