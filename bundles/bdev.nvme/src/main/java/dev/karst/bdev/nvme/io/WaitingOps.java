package dev.karst.bdev.nvme.io;

import dev.karst.base.ReactorConfined;

/** Commands that wait for a path or for room, first come, first served; linked through the commands. */
@ReactorConfined
final class WaitingOps {
    private NvmeOp first;
    private NvmeOp last;

    boolean isEmpty() {
        return first == null;
    }

    NvmeOp first() {
        return first;
    }

    void append(NvmeOp op) {
        op.next = null;
        op.waits = true;
        if (last == null) {
            first = op;
        } else {
            last.next = op;
        }
        last = op;
    }

    void remove(NvmeOp op) {
        NvmeOp before = null;
        NvmeOp at = first;
        while (at != op) {
            before = at;
            at = at.next;
        }
        if (before == null) {
            first = op.next;
        } else {
            before.next = op.next;
        }
        if (last == op) {
            last = before;
        }
        op.next = null;
        op.waits = false;
    }
}
