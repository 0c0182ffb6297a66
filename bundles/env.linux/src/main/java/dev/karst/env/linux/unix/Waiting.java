package dev.karst.env.linux.unix;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/**
 * Waits for a descriptor on a control thread. A call that waits in the kernel holds up all virtual threads of its carrier, so it
 * waits there for a moment only, and otherwise sleeps.
 */
final class Waiting {
    /** include/uapi/asm-generic/poll.h */
    static final int POLLIN = 0x1;
    static final int POLLOUT = 0x4;

    /** In the scratch, behind what the caller has there. */
    private static final int POLLFD = 1536;
    private static final int POLLFD_EVENTS = 4;
    private static final int TIMESPEC = POLLFD + 8;
    private static final long MOMENT_NANOS = 1_000_000;

    private final long deadline;

    /** Waits until then at most. */
    Waiting(long timeoutMs) {
        deadline = System.nanoTime() + timeoutMs * MOMENT_NANOS;
    }

    /**
     * Waits for events or a failure of the descriptor.
     *
     * @throws StorageException ETIMEDOUT, ECANCELED when the thread is interrupted
     */
    void until(Kernel kernel, int fd, int events, String what) throws StorageException {
        for (;;) {
            boolean late = System.nanoTime() - deadline >= 0;
            Mem.setInt(kernel.scratch + POLLFD, fd);
            Mem.setInt(kernel.scratch + POLLFD + POLLFD_EVENTS, events);
            Mem.setLong(kernel.scratch + TIMESPEC, 0);
            Mem.setLong(kernel.scratch + TIMESPEC + Long.BYTES, late ? 0 : MOMENT_NANOS);
            if (kernel.call(Syscall.PPOLL, kernel.scratch + POLLFD, 1, kernel.scratch + TIMESPEC, 0, 0) > 0) {
                return;
            }
            if (late) {
                throw Failure.of(-Errno.ETIMEDOUT, what);
            }
            rest(what);
        }
    }

    private static void rest(String what) throws StorageException {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.of(-Errno.ECANCELED, what);
        }
    }
}
