package dev.karst.scsi;

import dev.karst.base.ReactorConfined;

/** Who holds a nexus. Told on its reactor. */
@ReactorConfined
public interface NexusOwner {
    /** Most bytes that one command may move: the MAXIMUM TRANSFER LENGTH of every logical unit. Never changes. */
    int maxTransferBytes();

    /**
     * A unit attention was raised, or something else that the initiator will want to ask for; a transport may tell it (iSCSI asynchronous
     * message, vhost-scsi event).
     *
     * @param lun the logical unit's number
     * @param asc ADDITIONAL SENSE CODE in bits 15:8, its qualifier in 7:0
     */
    void attention(int lun, int asc);

    /**
     * The commands of a logical unit end because another nexus reset it, or preempted this one. Those end too, inside this call,
     * that the transport has not executed yet because memory or data of theirs is not there; the initiator may still send that
     * data.
     *
     * @param lun the logical unit's number
     * @param told whether they end with TASK ABORTED (TAS); else the initiator is sent nothing
     */
    void abortWaiting(int lun, boolean told);

    /** For a nexus that was closed: every task has come back, nothing of the owner is used any more. */
    void released();
}
