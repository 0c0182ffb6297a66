package dev.karst.env.linux.file;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.FileOp;
import dev.karst.env.linux.event.EpollEventSet;
import dev.karst.env.linux.event.Watch;
import dev.karst.env.linux.kernel.CpuMask;

/**
 * File I/O by io_uring. What is submitted goes to the kernel with the next poll, in one call; a poll with nothing to do
 * costs two loads. An eventfd stands in the event set, so that a completion ends the reactor's sleep.
 *
 * <p>A tag is the slot and its generation, so that a late cancellation meets nobody else. The queue is twice as long as
 * there are slots: each operation may be cancelled once.
 */
@ReactorConfined
final class UringFileRing extends SlottedRing {
    /** enum io_uring_op. include/uapi/linux/io_uring.h */
    private static final int IORING_OP_READV = 1;
    private static final int IORING_OP_WRITEV = 2;
    private static final int IORING_OP_FSYNC = 3;
    private static final int IORING_OP_ASYNC_CANCEL = 14;
    private static final int IORING_OP_FALLOCATE = 17;
    private static final int IORING_OP_READ = 22;
    private static final int IORING_OP_WRITE = 23;
    private static final long IORING_FSYNC_DATASYNC = 1L << 32;
    private static final long NO_FILE = 0xffff_ffffL << 32;
    private static final long CANCELLATION = -1;

    private final Uring uring;
    private final int announcer;
    private final Watch watch;
    private final int[] generations;
    private final boolean[] cancelled;
    /** Of a slot: whether its operation, if the file system does not know it, is tried again as a punch. */
    private final boolean[] mayFallBack;

    /**
     * Opens; io_uring must be {@linkplain FileRings usable}. The workers are kept on {@code elsewhere} unless it is
     * null.
     */
    UringFileRing(EventSet events, int depth, CpuMask elsewhere) throws StorageException {
        super(depth);
        generations = new int[depth];
        cancelled = new boolean[depth];
        mayFallBack = new boolean[depth];
        uring = open(2 * depth);
        announcer = announce();
        watch = new Watch(announcer);
        watch.begin(events, null, EpollEventSet.EDGE);
        if (elsewhere != null) {
            UringSetup.bindWorkers(kernel, uring.fd, elsewhere);
        }
    }

    private Uring open(int entries) throws StorageException {
        try {
            int fd = UringSetup.open(kernel, entries);
            if (fd < 0) {
                throw FileRings.unopened(fd);
            }
            return new Uring(kernel, fd);
        } catch (StorageException e) {
            close();
            throw e;
        }
    }

    private int announce() throws StorageException {
        int eventfd = UringSetup.announce(kernel, uring.fd);
        if (eventfd < 0) {
            close();
            throw FileRings.unopened(eventfd);
        }
        return eventfd;
    }

    @Override
    public String kind() {
        return "io_uring";
    }

    @Override
    public int submit(FileOp op) {
        if (uring.isFull() || !enter(op)) {
            return Status.NO_RESOURCE;
        }
        push(op);
        return Status.OK;
    }

    private void push(FileOp op) {
        mayFallBack[op.slot] = op.kind == FileOp.Kind.ZERO && !((LinuxDataFile) op.file).zeroesByPunch();
        switch (op.kind) {
            case READ -> transfer(op, IORING_OP_READ, IORING_OP_READV);
            case WRITE -> transfer(op, IORING_OP_WRITE, IORING_OP_WRITEV);
            case SYNC -> uring.push(start(op, IORING_OP_FSYNC), 0, 0, IORING_FSYNC_DATASYNC, tag(op));
            case PUNCH, ZERO ->
                uring.push(start(op, IORING_OP_FALLOCATE), op.offset, op.length, Fallocate.mode(op), tag(op));
        }
    }

    private void transfer(FileOp op, int flat, int scattered) {
        IoVector data = op.data;
        if (data.count() == 1) {
            uring.push(start(op, flat), op.offset, data.address(0), data.length(0), tag(op));
        } else {
            uring.push(start(op, scattered), op.offset, vector(op), data.count(), tag(op));
        }
    }

    private static long start(FileOp op, int opcode) {
        return (long) ((LinuxDataFile) op.file).fd() << 32 | opcode;
    }

    private long tag(FileOp op) {
        return (long) generations[op.slot] << 32 | op.slot;
    }

    @Override
    public void cancel(FileOp op) {
        if (holds(op) && !cancelled[op.slot] && !uring.isFull()) {
            cancelled[op.slot] = true;
            uring.push(NO_FILE | IORING_OP_ASYNC_CANCEL, 0, tag(op), 0, CANCELLATION);
        }
    }

    @Override
    public int poll() {
        uring.enter();
        int done = 0;
        for (int left = uring.ready(); left > 0; left--) {
            long tag = uring.tag();
            int result = uring.result();
            uring.pop();
            if (tag != CANCELLATION) {
                complete(at((int) tag), result);
                done++;
            }
        }
        return done;
    }

    /** What is tried again counts as done too: it goes to the kernel with the next poll, which must not wait for an event. */
    private void complete(FileOp op, int result) {
        if (mayFallBack[op.slot] && ((LinuxDataFile) op.file).fallsBackToPunch(result) && !uring.isFull()) {
            push(op);
            return;
        }
        generations[op.slot] = generations[op.slot] + 1 & Integer.MAX_VALUE;
        cancelled[op.slot] = false;
        leave(op, result);
    }

    @Override
    protected void shut() {
        if (watch != null) {
            watch.end();
            kernel.close(announcer);
        }
        if (uring != null) {
            uring.close();
        }
    }
}
