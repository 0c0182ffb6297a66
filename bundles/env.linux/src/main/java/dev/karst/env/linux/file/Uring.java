package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.lang.invoke.VarHandle;

/** The two queues that an io_uring shares with the kernel. include/uapi/linux/io_uring.h */
@ReactorConfined
final class Uring {
    /** struct io_uring_params: figures, then the offsets of the submission and of the completion ring. */
    private static final int SQ_ENTRIES = 0;
    private static final int CQ_ENTRIES = 4;
    private static final int SQ_HEAD = 40;
    private static final int SQ_TAIL = 44;
    private static final int SQ_FLAGS = 56;
    private static final int SQ_ARRAY = 64;
    private static final int CQ_HEAD = 80;
    private static final int CQ_TAIL = 84;
    private static final int CQ_CQES = 100;
    /** Since Linux 5.8; 0 before. */
    static final int CQ_FLAGS = 104;

    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_POPULATE = 0x8001;
    private static final long IORING_OFF_SQ_RING = 0;
    private static final long IORING_OFF_SQES = 0x10000000;
    private static final int IORING_SQ_TASKRUN = 1 << 2;
    private static final int IORING_CQ_EVENTFD_DISABLED = 1;
    private static final int IORING_ENTER_GETEVENTS = 1;
    private static final int SQE_SHIFT = 6;
    private static final int CQE_SHIFT = 4;
    private static final int CQE_RES = 8;

    final int fd;

    private final Kernel kernel;
    private final int entries;
    private final int completionMask;
    private final long rings;
    private final long ringBytes;
    private final long submissions;
    private final long submissionBytes;
    private final long submissionHead;
    private final long submissionTail;
    private final long submissionFlags;
    private final long completions;
    private final long completionHead;
    private final long completionTail;
    private final long completionFlags;
    /** Entries written, and handed to the kernel. */
    private int tail;
    private int submitted;
    /** Completions taken. */
    private int head;

    /** Maps the queues of a descriptor that {@link UringSetup#open} has just opened; closes it if that fails. */
    Uring(Kernel kernel, int fd) throws StorageException {
        this.kernel = kernel;
        this.fd = fd;
        long at = kernel.scratch;
        entries = Mem.getInt(at + SQ_ENTRIES);
        int completionEntries = Mem.getInt(at + CQ_ENTRIES);
        completionMask = completionEntries - 1;
        long array = Mem.getU32(at + SQ_ARRAY);
        ringBytes = Math.max(array + 4L * entries, Mem.getU32(at + CQ_CQES) + ((long) completionEntries << CQE_SHIFT));
        submissionBytes = (long) entries << SQE_SHIFT;
        rings = map(ringBytes, IORING_OFF_SQ_RING);
        submissions = map(submissionBytes, IORING_OFF_SQES);
        submissionHead = rings + Mem.getU32(at + SQ_HEAD);
        submissionTail = rings + Mem.getU32(at + SQ_TAIL);
        submissionFlags = rings + Mem.getU32(at + SQ_FLAGS);
        completions = rings + Mem.getU32(at + CQ_CQES);
        completionHead = rings + Mem.getU32(at + CQ_HEAD);
        completionTail = rings + Mem.getU32(at + CQ_TAIL);
        completionFlags = rings + Mem.getU32(at + CQ_FLAGS);
        for (int i = 0; i < entries; i++) {
            Mem.setInt(rings + array + 4L * i, i);
        }
    }

    private long map(long bytes, long offset) throws StorageException {
        long address = kernel.map(bytes, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, offset);
        if (address < 0) {
            kernel.close(fd);
            throw Failure.of(address, "map an io_uring");
        }
        Mem.register(address, bytes);
        return address;
    }

    /** Whether no entry can be written before some have been handed over. */
    boolean isFull() {
        return tail - Mem.getIntAcquire(submissionHead) == entries;
    }

    /**
     * Writes an entry: struct io_uring_sqe in its words. The last three are zero: no buffer group, no splice, no
     * command.
     *
     * @param start opcode in bits 7:0, file descriptor in bits 63:32
     * @param offset in the file
     * @param address of the data or the vector
     * @param lengthAndFlags length in bits 31:0, flags of the operation in bits 63:32
     * @param tag comes back with the completion
     */
    void push(long start, long offset, long address, long lengthAndFlags, long tag) {
        long entry = submissions + ((long) (tail & entries - 1) << SQE_SHIFT);
        Mem.setLong(entry, start);
        Mem.setLong(entry + 8, offset);
        Mem.setLong(entry + 16, address);
        Mem.setLong(entry + 24, lengthAndFlags);
        Mem.setLong(entry + 32, tag);
        Mem.setLong(entry + 40, 0);
        Mem.setLong(entry + 48, 0);
        Mem.setLong(entry + 56, 0);
        tail++;
    }

    /**
     * Hands over what was written, and lets the kernel finish what it has for this thread; no call if there is neither.
     * What completes within the call is not announced, for the caller takes it next; what came too late for the call,
     * and fell into the silence, is asked for once more.
     */
    void enter() {
        if (tail == submitted && !kernelWaits()) {
            return;
        }
        Mem.setInt(completionFlags, IORING_CQ_EVENTFD_DISABLED);
        call();
        Mem.setInt(completionFlags, 0);
        VarHandle.fullFence();
        if (kernelWaits()) {
            call();
        }
    }

    /** Whether the kernel has something to finish that it does only when this thread enters it. */
    private boolean kernelWaits() {
        return (Mem.getIntAcquire(submissionFlags) & IORING_SQ_TASKRUN) != 0;
    }

    private void call() {
        Mem.setIntRelease(submissionTail, tail);
        int waiting = tail - submitted;
        int taken = (int) kernel.call(Syscall.IO_URING_ENTER, fd, waiting, 0, IORING_ENTER_GETEVENTS, 0);
        assert taken >= 0 || taken == -Errno.EAGAIN || taken == -Errno.EBUSY || taken == -Errno.EINTR : taken;
        submitted += Math.max(taken, 0);
    }

    /** How many completions wait to be taken. */
    int ready() {
        return Mem.getIntAcquire(completionTail) - head;
    }

    /** Tag of the oldest completion. */
    long tag() {
        return Mem.getLong(completion());
    }

    /** Outcome of the oldest completion. */
    int result() {
        return Mem.getInt(completion() + CQE_RES);
    }

    private long completion() {
        return completions + ((long) (head & completionMask) << CQE_SHIFT);
    }

    /** Takes the oldest completion away. */
    void pop() {
        Mem.setIntRelease(completionHead, ++head);
    }

    void close() {
        Mem.unregister(rings);
        Mem.unregister(submissions);
        kernel.call(Syscall.MUNMAP, rings, ringBytes, 0);
        kernel.call(Syscall.MUNMAP, submissions, submissionBytes, 0);
        kernel.close(fd);
    }
}
