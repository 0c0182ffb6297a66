package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.base.MpscQueue;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.FileOp;
import dev.karst.env.Threads;
import dev.karst.env.linux.kernel.CpuMask;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * File I/O by a few helper threads, for where io_uring is forbidden: each operation goes to the one with the least to
 * do.
 */
@ReactorConfined
final class ThreadFileRing extends SlottedRing {
    /** How many threads. */
    static final int HELPERS = 4;

    /** States of a slot. */
    private static final int QUEUED = 0;
    private static final int RUNNING = 1;
    private static final int CANCELLED = 2;

    private final EventSet events;
    private final MpscQueue<FileOp> done = new MpscQueue<>();
    private final AtomicIntegerArray states;
    private final FileHelper[] helpers = new FileHelper[HELPERS];
    /** Which helper has the operation of a slot, and how many each has. */
    private final int[] helperOf;
    private final int[] load = new int[HELPERS];

    /** Starts the helpers, on {@code elsewhere} unless it is null. */
    ThreadFileRing(EventSet events, int depth, Threads threads, CpuMask elsewhere) throws StorageException {
        super(depth);
        this.events = events;
        states = new AtomicIntegerArray(depth);
        helperOf = new int[depth];
        for (int i = 0; i < HELPERS; i++) {
            helpers[i] = new FileHelper(this, elsewhere);
            threads.start("karst-file-" + i, helpers[i]);
        }
    }

    @Override
    public String kind() {
        return "threads";
    }

    @Override
    public int submit(FileOp op) {
        if (!enter(op)) {
            return Status.NO_RESOURCE;
        }
        if (op.kind == FileOp.Kind.READ || op.kind == FileOp.Kind.WRITE) {
            vector(op);
        }
        int helper = leastBusy();
        load[helper]++;
        helperOf[op.slot] = helper;
        states.set(op.slot, QUEUED);
        helpers[helper].give(op);
        return Status.OK;
    }

    private int leastBusy() {
        int best = 0;
        for (int i = 1; i < HELPERS; i++) {
            if (load[i] < load[best]) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public void cancel(FileOp op) {
        if (holds(op)) {
            states.compareAndSet(op.slot, QUEUED, CANCELLED);
        }
    }

    @Override
    public int poll() {
        int delivered = 0;
        for (int left = inFlight(); left > 0; left--) {
            FileOp op = done.pop();
            if (op == null) {
                break;
            }
            load[helperOf[op.slot]]--;
            delivered++;
            leave(op, op.outcome);
        }
        return delivered;
    }

    /** Does the operation and hands it back. Helper threads. */
    void perform(FileOp op, Kernel calls) {
        boolean begins = states.compareAndSet(op.slot, QUEUED, RUNNING);
        op.outcome = begins ? outcome(op, calls) : -Errno.ECANCELED;
        done.push(op);
        events.wake();
    }

    private int outcome(FileOp op, Kernel calls) {
        boolean mayFallBack = op.kind == FileOp.Kind.ZERO && !((LinuxDataFile) op.file).zeroesByPunch();
        int result = call(op, calls);
        while (result == -Errno.EINTR) {
            result = call(op, calls);
        }
        return mayFallBack && ((LinuxDataFile) op.file).fallsBackToPunch(result) ? outcome(op, calls) : result;
    }

    private int call(FileOp op, Kernel calls) {
        int fd = ((LinuxDataFile) op.file).fd();
        return (int) switch (op.kind) {
            case READ -> calls.call(Syscall.PREADV, fd, vectorOf(op), op.data.count(), op.offset, 0);
            case WRITE -> calls.call(Syscall.PWRITEV, fd, vectorOf(op), op.data.count(), op.offset, 0);
            case SYNC -> calls.call(Syscall.FDATASYNC, fd, 0, 0);
            case PUNCH, ZERO -> calls.call(Syscall.FALLOCATE, fd, Fallocate.mode(op), op.offset, op.length, 0);
        };
    }

    @Override
    protected void shut() {
        for (FileHelper helper : helpers) {
            helper.stop();
        }
    }
}
