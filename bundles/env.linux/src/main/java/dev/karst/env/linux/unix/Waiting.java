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
    static final int POLLRDHUP = 0x2000;

    /** In the scratch, behind what the caller has there. */
    private static final int POLLFD = 1536;
    private static final int POLLFD_EVENTS = 4;
    private static final int TIMESPEC = POLLFD + 8;
    private static final long MOMENT_NANOS = 1_000_000;
    private static final long REST_MS = 50;
    private static final long IDLE_MS = 200;

    /** Who has waited for this long waits for somebody who is idle. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private final long begin = System.nanoTime();
    private final long deadline;

    /** Waits until then at most. */
    Waiting(long timeoutMs) {
        deadline = begin + timeoutMs * MOMENT_NANOS;
    }

    private boolean isLate() {
        return System.nanoTime() - deadline >= 0;
    }

    /**
     * Waits for events or a failure of the descriptor.
     *
     * @throws StorageException ETIMEDOUT, ECANCELED when the thread is interrupted
     */
    void until(Kernel kernel, int fd, int events, String what) throws StorageException {
        for (;;) {
            boolean late = isLate();
            boolean idle = System.nanoTime() - begin > PATIENCE_NANOS;
            if (poll(kernel, fd, events, late || idle ? 0 : MOMENT_NANOS)) {
                return;
            }
            if (late) {
                throw Failure.of(-Errno.ETIMEDOUT, what);
            }
            if (!sleep(idle ? IDLE_MS : 1)) {
                throw Failure.of(-Errno.ECANCELED, what);
            }
        }
    }

    /** Sleeps for a while, for what need not be seen at once; false when the time is up, or the thread is interrupted. */
    boolean rest() {
        return !isLate() && sleep(REST_MS);
    }

    /** Whether there are events or a failure of the descriptor now. */
    static boolean now(Kernel kernel, int fd, int events) {
        return poll(kernel, fd, events, 0);
    }

    private static boolean poll(Kernel kernel, int fd, int events, long nanos) {
        Mem.setInt(kernel.scratch + POLLFD, fd);
        Mem.setInt(kernel.scratch + POLLFD + POLLFD_EVENTS, events);
        Mem.setLong(kernel.scratch + TIMESPEC, 0);
        Mem.setLong(kernel.scratch + TIMESPEC + Long.BYTES, nanos);
        return kernel.call(Syscall.PPOLL, kernel.scratch + POLLFD, 1, kernel.scratch + TIMESPEC, 0, 0) > 0;
    }

    private static boolean sleep(long ms) {
        try {
            Thread.sleep(ms);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
