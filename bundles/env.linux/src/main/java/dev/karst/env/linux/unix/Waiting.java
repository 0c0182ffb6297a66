package dev.karst.env.linux.unix;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/**
 * Waits for a descriptor on a control thread. A call that waits in the kernel would hold up all virtual threads of its carrier.
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
    /** For {@link Waiters}: 16 bytes of the scratch. */
    static final int ARGUMENT = TIMESPEC + 16;
    private static final long NANOS_PER_MS = 1_000_000;
    private static final long REST_MS = 50;
    /** Now and then whoever waits looks for itself. */
    private static final long LOOK_NANOS = 10_000_000_000L;

    private final long deadline;

    /** Waits until then at most. */
    Waiting(long timeoutMs) {
        deadline = System.nanoTime() + timeoutMs * NANOS_PER_MS;
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
        while (!now(kernel, fd, events)) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw Failure.of(-Errno.ETIMEDOUT, what);
            }
            if (Waiters.await(kernel, fd, events, Math.min(left, LOOK_NANOS))) {
                return;
            }
            if (!sleep(1)) {
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
        Mem.setInt(kernel.scratch + POLLFD, fd);
        Mem.setInt(kernel.scratch + POLLFD + POLLFD_EVENTS, events);
        Mem.setLong(kernel.scratch + TIMESPEC, 0);
        Mem.setLong(kernel.scratch + TIMESPEC + Long.BYTES, 0);
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
