package dev.karst.nvmf.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.log.ErrorLogEntry;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The last commands of a controller that ended with an error. All of its queues write, from several reactors; none
 * waits for another, and an entry that is overwritten while it is read is left out. NVMe Base 2.1, 5.1.12.1.2.
 */
@ReactorConfined
public final class ErrorLog {
    /** Entries that are kept; ELPE + 1. */
    public static final int ENTRIES = 128;

    private static final int WORDS = 4;
    private static final int QUEUE = 1;
    private static final int LBA = 2;
    private static final int NAMESPACE = 3;
    private static final int CID_SHIFT = 16;
    private static final int STATUS_SHIFT = 32;
    private static final int OPC_SHIFT = 32;
    private static final int PHASE_SHIFT = 1;
    private static final int TRTYPE_TCP = 3;

    private final AtomicLong count = new AtomicLong();
    private final AtomicLong mediaErrors = new AtomicLong();
    /** Of each entry its number, 0 while it is written; queue, command and status; LBA; namespace and opcode. */
    private final AtomicLongArray words = new AtomicLongArray(ENTRIES * WORDS);

    /** Whether the status is an error of its own: not that the host or the end of a queue wanted it so. */
    static boolean isError(int status) {
        int code = status & ~(NvmeStatus.DNR | NvmeStatus.M);
        return code != NvmeStatus.SUCCESSFUL_COMPLETION && code != NvmeStatus.ABORTED_SQ_DELETION
            && code != NvmeStatus.COMMAND_ABORT_REQUESTED;
    }

    /** A command ended with an error. Any reactor. */
    void record(int qid, long sqe, int status) {
        long number = count.incrementAndGet();
        int at = (int) ((number - 1) % ENTRIES) * WORDS;
        words.set(at, 0);
        words.setOpaque(at + QUEUE, qid | (long) Sqe.CID.get(sqe) << CID_SHIFT | (long) status << STATUS_SHIFT);
        words.setOpaque(at + LBA, qid == 0 ? 0 : NvmCommand.SLBA.get(sqe));
        words.setOpaque(at + NAMESPACE, Sqe.NSID.get(sqe) | (long) Sqe.OPC.get(sqe) << OPC_SHIFT);
        words.setRelease(at, number);
        int code = status & ~(NvmeStatus.DNR | NvmeStatus.M);
        if (code == NvmeStatus.WRITE_FAULT || code == NvmeStatus.UNRECOVERED_READ_ERROR) {
            mediaErrors.incrementAndGet();
        }
    }

    /** Writes all of it, while nobody records. */
    void save(StateWriter state) {
        state.number(count.get()).number(mediaErrors.get());
        for (int i = 0; i < words.length(); i++) {
            state.number(words.get(i));
        }
    }

    /** Goes on from what was saved. */
    void restore(StateReader state) throws StorageException {
        count.set(Math.max(0, state.number()));
        mediaErrors.set(state.number());
        for (int i = 0; i < words.length(); i++) {
            words.set(i, state.number());
        }
    }

    /** Errors since the controller came to be. */
    public long count() {
        return count.get();
    }

    /** Of which the medium was the cause. */
    public long mediaErrors() {
        return mediaErrors.get();
    }

    /**
     * Writes the {@code age}th last entry.
     *
     * @param entry address of 64 bytes, all zero
     * @return whether there is one
     */
    public boolean read(int age, long entry) {
        long number = count.get() - age;
        if (number <= 0) {
            return false;
        }
        int at = (int) ((number - 1) % ENTRIES) * WORDS;
        long before = words.getAcquire(at);
        long queue = words.getAcquire(at + QUEUE);
        long lba = words.getAcquire(at + LBA);
        long namespace = words.getAcquire(at + NAMESPACE);
        if (before != number || words.get(at) != number) {
            return false;
        }
        ErrorLogEntry.ECNT.set(entry, number);
        ErrorLogEntry.SQID.set(entry, (int) queue & 0xffff);
        ErrorLogEntry.CID.set(entry, (int) (queue >>> CID_SHIFT) & 0xffff);
        ErrorLogEntry.STS.set(entry, (int) (queue >>> STATUS_SHIFT) << PHASE_SHIFT & 0xffff);
        ErrorLogEntry.PEL.set(entry, 0xffff);
        ErrorLogEntry.LBA.set(entry, lba);
        ErrorLogEntry.NSID.set(entry, namespace & 0xffff_ffffL);
        ErrorLogEntry.TRTYPE.set(entry, TRTYPE_TCP);
        ErrorLogEntry.OPC.set(entry, (int) (namespace >>> OPC_SHIFT) & 0xff);
        ErrorLogEntry.LPVER.set(entry, 1);
        return true;
    }
}
