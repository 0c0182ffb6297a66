package dev.karst.nvme;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;

/**
 * One command: preallocated by its submitter and reused. The submitter fills the fields, {@linkplain NvmeQueuePair#submit submits},
 * and leaves it and the memory alone until {@link #ended} is called, once.
 *
 * <p>The fields are the submission queue entry's, dwords in pairs as they lie in it: the lower number in the low half. CID, PSDT and the
 * data pointer are the queue's to fill in. NVMe Base 2.1, 4.1.
 */
@ReactorConfined
public abstract class NvmeRequest {
    /** OPC. */
    public int opcode;
    /** FUSE: 0, {@link dev.karst.spec.nvme.Sqe#FUSE_FIRST} or {@code FUSE_SECOND}; see {@link NvmeQueuePair#submitFused}. */
    public int fuse;
    /** NSID. */
    public int nsid;
    /** CDW2 and CDW3. */
    public long cdw2and3;
    /** CDW10 and CDW11. */
    public long cdw10and11;
    /** CDW12 and CDW13. */
    public long cdw12and13;
    /** CDW14 and CDW15. */
    public long cdw14and15;
    /** Where the data lies; empty for none. Its direction is in the opcode's bits 1:0. */
    public final IoVector data;
    /** Address of the metadata where the namespace keeps it apart from the data; 0 for none. */
    public long metadata;
    /** Bytes of it. */
    public int metadataBytes;
    /** Once it has ended: dwords 0 and 1 of the completion, dword 0 in the low half. */
    public long result;

    private NvmeQueuePair queue;
    private int cid;

    /** A request with room for so many memory pairs. */
    protected NvmeRequest(int segments) {
        data = new IoVector(segments);
    }

    /**
     * The command ended. On the reactor of the queue, never inside submit; the request may be reused, also at once.
     *
     * @param status the completion's status field without its phase: {@link dev.karst.spec.nvme.NvmeStatus}, with DNR and M; 0 for
     *     success. A command that the driver gave up ends with {@code COMMAND_ABORTED_BY_HOST}, after its memory is out of the device's
     *     reach
     */
    protected abstract void ended(int status);

    /** Clears every field of the entry, and the data. */
    public final NvmeRequest clear() {
        fuse = 0;
        nsid = 0;
        cdw2and3 = 0;
        cdw10and11 = 0;
        cdw12and13 = 0;
        cdw14and15 = 0;
        metadata = 0;
        metadataBytes = 0;
        data.clear();
        return this;
    }

    /** Starts over with this command. */
    public final NvmeRequest command(int opcode, int nsid) {
        clear();
        this.opcode = opcode;
        this.nsid = nsid;
        return this;
    }

    /**
     * The range of a command on one: SLBA, and NLB, which counts from 0.
     *
     * @param blocks 1 to 65536
     */
    public final NvmeRequest range(long slba, int blocks) {
        cdw10and11 = slba;
        cdw12and13 = cdw12and13 & ~0xffffL | blocks - 1;
        return this;
    }

    /** The queue that it is in flight on, or null. */
    public final NvmeQueuePair queue() {
        return queue;
    }

    /** Its command identifier while it is in flight. */
    public final int cid() {
        return cid;
    }

    /** For the queue: it took the request. */
    public final void started(NvmeQueuePair queue, int cid) {
        this.queue = queue;
        this.cid = cid;
    }

    /** For the queue: the command ended. */
    public final void end(int status, long result) {
        queue = null;
        this.result = result;
        ended(status);
    }
}
