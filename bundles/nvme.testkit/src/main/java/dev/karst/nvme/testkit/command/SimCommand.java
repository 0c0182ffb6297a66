package dev.karst.nvme.testkit.command;

import dev.karst.base.Mem;
import dev.karst.spec.nvme.Sqe;

/** A command that a controller has fetched, until its completion is posted. */
public final class SimCommand {
    /** Where a command stands. */
    public enum Stage {
        /** It will be done. */
        FETCHED,
        /** An asynchronous event request, which waits for an event. */
        WAITING,
        /** It is done or was given up: status and result are known. */
        DONE,
        /** The host was told. */
        POSTED
    }

    private static final int PRP2 = 32;

    /** Address of the controller's own copy of its entry. */
    public final long sqe;
    /** Submission queue that it came from. */
    public final int queueId;
    /** Where it stands. */
    public Stage stage = Stage.FETCHED;
    /** The status that it ends with. */
    public int status;
    /** Dwords 0 and 1 of its completion. */
    public long result;
    /** When this is the second of a fused pair, the first. */
    public SimCommand first;

    /** A command whose entry is kept at that address, 64 bytes. */
    public SimCommand(long sqe, int queueId) {
        this.sqe = sqe;
        this.queueId = queueId;
    }

    public int opcode() {
        return Sqe.OPC.get(sqe);
    }

    public int cid() {
        return Sqe.CID.get(sqe);
    }

    public int nsid() {
        return Sqe.NSID.getInt(sqe);
    }

    /** PRP1, or the address of the first SGL descriptor. */
    public long prp1() {
        return Sqe.SGL1_ADDRESS.get(sqe);
    }

    /** PRP2, or the second half of the first SGL descriptor. */
    public long prp2() {
        return Mem.getLong(sqe + PRP2);
    }

    public int cdw10() {
        return Sqe.CDW10.getInt(sqe);
    }

    public int cdw11() {
        return Sqe.CDW11.getInt(sqe);
    }

    public boolean isAdmin() {
        return queueId == 0;
    }
}
