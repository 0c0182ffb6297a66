package dev.karst.env.linux;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Processors;
import dev.karst.env.linux.kernel.CpuMask;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.nio.file.Path;

/** The processors of the process: those that its first thread was started on. */
final class LinuxProcessors implements Processors {
    /** include/uapi/linux/time.h */
    private static final int CLOCK_THREAD_CPUTIME_ID = 3;
    /** include/uapi/linux/resource.h: whom it is asked of, and where the two counts lie in its answer. */
    private static final int RUSAGE_THREAD = 1;
    private static final int RU_NVCSW = 128;
    private static final int RU_NIVCSW = 136;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final CpuMask all;
    private final LockFiles locks = new LockFiles(Path.of("/var/tmp"));

    LinuxProcessors() {
        try (Kernel kernel = Kernel.open()) {
            all = CpuMask.ofThread(kernel, (int) ProcessHandle.current().pid());
        }
    }

    @Override
    public int[] available() {
        return all.numbers();
    }

    @Override
    public boolean pin(int processor) {
        try (Kernel kernel = Kernel.open()) {
            return CpuMask.of(processor).bindCaller(kernel);
        }
    }

    /**
     * Lets the calling thread run on all processors again: a thread that a reactor started is bound as the reactor
     * is.
     */
    void unpin() {
        try (Kernel kernel = Kernel.open()) {
            all.bindCaller(kernel);
        }
    }

    /** The processors that the calling thread is not bound to; null when there are none. */
    CpuMask elsewhere() {
        try (Kernel kernel = Kernel.open()) {
            CpuMask others = all.without(CpuMask.ofThread(kernel, 0));
            return others.isEmpty() ? null : others;
        }
    }

    @Override
    public long threadNanos() {
        try (Kernel kernel = Kernel.open()) {
            kernel.fast(Syscall.CLOCK_GETTIME, CLOCK_THREAD_CPUTIME_ID, kernel.scratch, 0);
            return Mem.getLong(kernel.scratch) * NANOS_PER_SECOND + Mem.getLong(kernel.scratch + Long.BYTES);
        }
    }

    @Override
    public Switches threadSwitches() {
        try (Kernel kernel = Kernel.open()) {
            kernel.call(Syscall.GETRUSAGE, RUSAGE_THREAD, kernel.scratch, 0);
            return new Switches(Mem.getLong(kernel.scratch + RU_NVCSW), Mem.getLong(kernel.scratch + RU_NIVCSW));
        }
    }

    @Override
    public void lock(int processor) throws StorageException {
        locks.lock(processor);
    }

    @Override
    public void unlock(int processor) {
        locks.unlock(processor);
    }
}
