package dev.karst.nvme.core.ring;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import java.lang.invoke.VarHandle;

/**
 * The two doorbells of a queue pair. Where the controller agreed to shadow doorbells, the value goes to memory first, and the register is
 * written only when the controller asks for it. NVMe over PCIe Transport 1.1, 3.1.2; NVMe Base 2.1, 5.2.5 and B.5.
 */
@ReactorConfined
final class Doorbells {
    private static final int MASK = 0xffff;

    private final long submission;
    private final long completion;
    private final int submissionOffset;
    private final int completionOffset;
    private long shadows;
    private long events;
    private int lastTail;
    private int lastHead;

    /**
     * @param base address of the first doorbell
     * @param qid queue
     * @param strideBytes from one doorbell to the next
     */
    Doorbells(long base, int qid, int strideBytes) {
        submissionOffset = 2 * qid * strideBytes;
        completionOffset = submissionOffset + strideBytes;
        submission = base + submissionOffset;
        completion = base + completionOffset;
    }

    /** Tells both through memory from now on: the doorbells' values at {@code shadows}, when to ring at {@code events}. 0 for no more. */
    void shadow(long shadows, long events) {
        this.shadows = shadows;
        this.events = events;
    }

    /** The rings are empty and new, whatever memory says of a queue that had the number before. */
    void begin() {
        lastTail = 0;
        lastHead = 0;
        if (shadows != 0) {
            for (int offset : new int[] {submissionOffset, completionOffset}) {
                Mem.setInt(shadows + offset, 0);
                Mem.setInt(events + offset, 0);
            }
        }
    }

    void submissionTail(int tail) {
        if (shadows == 0 || told(submissionOffset, lastTail, tail)) {
            Mem.setIntRelease(submission, tail);
        }
        lastTail = tail;
    }

    void completionHead(int head) {
        if (shadows == 0 || told(completionOffset, lastHead, head)) {
            Mem.setIntRelease(completion, head);
        }
        lastHead = head;
    }

    /** Puts the value in memory; whether the controller wants the register written as well. */
    private boolean told(int offset, int old, int value) {
        Mem.setIntRelease(shadows + offset, value);
        VarHandle.fullFence();
        int event = Mem.getInt(events + offset);
        return (value - event - 1 & MASK) < (value - old & MASK);
    }
}
