package dev.karst.env.linux.file;

import dev.karst.base.MpscQueue;
import dev.karst.env.FileOp;
import dev.karst.env.linux.kernel.CpuMask;
import dev.karst.env.linux.kernel.Kernel;
import java.util.concurrent.locks.LockSupport;

/** One helper thread of a {@link ThreadFileRing}: takes operations in order, and parks when there is none. */
final class FileHelper implements Runnable {
    /** Stands in the queue behind the last operation. */
    private static final class Stop extends FileOp {
        @Override
        public void completed(int result) {}
    }

    private final ThreadFileRing ring;
    private final CpuMask processors;
    private final MpscQueue<FileOp> inbox = new MpscQueue<>();
    private final Stop stop = new Stop();
    private volatile Thread parked;

    FileHelper(ThreadFileRing ring, CpuMask processors) {
        this.ring = ring;
        this.processors = processors;
    }

    /** Queues an operation. The ring's reactor. */
    void give(FileOp op) {
        inbox.push(op);
        LockSupport.unpark(parked);
    }

    /** Ends the thread when it has done what is queued. */
    void stop() {
        give(stop);
    }

    @Override
    public void run() {
        try (Kernel kernel = Kernel.open()) {
            if (processors != null) {
                processors.bindCaller(kernel);
            }
            for (FileOp op = take(); op != stop; op = take()) {
                ring.perform(op, kernel);
            }
        }
    }

    private FileOp take() {
        FileOp op = inbox.pop();
        while (op == null) {
            parked = Thread.currentThread();
            if (inbox.isEmpty()) {
                LockSupport.park(this);
            }
            parked = null;
            op = inbox.pop();
        }
        return op;
    }
}
