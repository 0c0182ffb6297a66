package dev.karst.nvmf.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.nvmf.NvmfRequest;
import dev.karst.spec.nvme.NvmeStatus;

/** The core's half of a request, made once and reused: the command, and the block I/O that it becomes. */
@ReactorConfined
public final class Command extends BdevIo {
    public final NvmfRequest request;
    public final TargetQueue queue;

    /** Whether it is executed now. */
    public boolean busy;
    /** The host, or the end of the queue, wants it to end soon. */
    public boolean aborting;
    /** It waits for its subsystem to go on. */
    boolean held;
    /** What it does I/O on, while it does. */
    public NamespaceChannel namespace;
    /** What waits for its end; null for nothing. */
    ReservationFence fence;
    /** The next that is held. */
    Command nextHeld;

    /** What follows the block I/O that is in flight; null when its end is that of the command. */
    public CommandSet.Step step;
    /** Ranges of a Dataset Management or Copy, and which is next. */
    public int ranges;
    public int nextRange;

    /** The other one of two fused commands, until one of the two has ended. */
    Command partner;
    /** Whether it has been executed as far as it can be before the other one is there. */
    boolean awaitsPartner;
    /** What a fused command ends with when it is executed, since there is no other one; 0 for nothing. */
    int verdict;

    public Command(NvmfRequest request, TargetQueue queue) {
        super(NvmfRequest.MAX_SEGMENTS);
        this.request = request;
        this.queue = queue;
    }

    public long sqe() {
        return request.sqe;
    }

    /**
     * Address of one of the descriptors in the host's data, copied to where it is contiguous, for it may lie across two
     * pieces; until the next is copied.
     */
    public long descriptor(int index, int bytes) {
        long copy = queue.scratch();
        request.data.copyTo((long) index * bytes, copy, bytes);
        return copy;
    }

    @Override
    protected void ended(int status) {
        if (step == null) {
            queue.group.io.ended(this, status);
        } else {
            step.ended(this, status);
        }
    }

    /** Ends it without data. */
    public void finish(int status) {
        queue.finish(this, status, 0, 0);
    }

    /** Ends it with success, a result, and no data. */
    public void succeed(long result) {
        queue.finish(this, NvmeStatus.SUCCESSFUL_COMPLETION, result, 0);
    }

    /** Ends it with success and the data that has been filled in. */
    public void succeedWithData() {
        queue.finish(this, NvmeStatus.SUCCESSFUL_COMPLETION, 0, request.length);
    }

    /** Ends it with the first bytes of a page, and zeros as far as the host asks for more. */
    public void answer(long page, int bytes) {
        zero();
        request.data.copyFrom(0, page, Math.min(bytes, request.length));
        succeedWithData();
    }

    /** Zeros all that the host is going to see. */
    public void zero() {
        request.data.zero(0);
    }
}
