package dev.karst.env.linux.unix;

import dev.karst.base.Mem;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for descriptors on behalf of control threads, which are virtual and must not wait in the kernel: one thread waits in epoll(7)
 * for all of them, so that those who wait for somebody idle cost nothing. One waits for a descriptor at a time. The thread ends when nobody
 * has waited for a while, so that it does not outlive its bundle.
 */
final class Waiters {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLLONESHOT = 1 << 30;
    /** struct epoll_event is packed on x86-64 alone. */
    private static final int EVENT_BYTES = Syscall.number(12, 16);
    private static final int EVENT_DATA = Syscall.number(4, 8);
    private static final int BATCH = 64;
    private static final long LINGER_MS = 5_000;
    private static final Waiters ALL = new Waiters();

    /** The thread's, and null while there is none. */
    private Kernel kernel;
    private int epoll;
    /** Who waits for a descriptor; it is in the epoll set as long as it is here. */
    private final Map<Integer, Thread> waiting = new HashMap<>();

    private Waiters() {}

    /**
     * Waits for these events, or a failure, of the descriptor. May return early.
     *
     * @param kernel the caller's
     * @return false, at once, when another waits for the descriptor, or the thread is interrupted
     */
    static boolean await(Kernel kernel, int fd, int events, long nanos) {
        return ALL.waits(kernel, fd, events, nanos);
    }

    /** Who waits for the descriptor need not any more: it will be closed. */
    static void end(int fd) {
        ALL.finish(fd);
    }

    private boolean waits(Kernel callers, int fd, int events, long nanos) {
        if (!begin(callers, fd, events)) {
            return false;
        }
        long deadline = System.nanoTime() + nanos;
        long left = nanos;
        while (isWaiting(fd) && left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(this, left);
            left = deadline - System.nanoTime();
        }
        if (isWaiting(fd)) {
            finish(fd);
        }
        return !Thread.currentThread().isInterrupted();
    }

    private synchronized boolean begin(Kernel callers, int fd, int events) {
        if (waiting.containsKey(fd) || kernel == null && !start()) {
            return false;
        }
        Mem.setInt(callers.scratch + Waiting.ARGUMENT, events | EPOLLONESHOT);
        Mem.setLong(callers.scratch + Waiting.ARGUMENT + EVENT_DATA, fd);
        if (callers.call(Syscall.EPOLL_CTL, epoll, EPOLL_CTL_ADD, fd, callers.scratch + Waiting.ARGUMENT, 0) < 0) {
            return false;
        }
        waiting.put(fd, Thread.currentThread());
        return true;
    }

    private boolean start() {
        Kernel opened = Kernel.open();
        epoll = (int) opened.call(Syscall.EPOLL_CREATE1, EPOLL_CLOEXEC, 0, 0);
        if (epoll < 0) {
            opened.close();
            return false;
        }
        kernel = opened;
        Thread.ofPlatform().daemon().name("karst-unix-sockets").start(() -> run(opened));
        return true;
    }

    private synchronized boolean isWaiting(int fd) {
        return waiting.get(fd) == Thread.currentThread();
    }

    private synchronized void finish(int fd) {
        Thread thread = waiting.remove(fd);
        if (thread != null) {
            kernel.fast(Syscall.EPOLL_CTL, epoll, EPOLL_CTL_DEL, fd, 0);
            LockSupport.unpark(thread);
        }
    }

    private void run(Kernel own) {
        long count;
        do {
            count = own.call(Syscall.EPOLL_PWAIT, epoll, own.scratch, BATCH, LINGER_MS, 0);
            for (long i = 0; i < count; i++) {
                finish((int) Mem.getLong(own.scratch + i * EVENT_BYTES + EVENT_DATA));
            }
        } while (count != 0 || !ends());
    }

    /** Ends if nobody waits. */
    private synchronized boolean ends() {
        if (waiting.isEmpty()) {
            kernel.close(epoll);
            kernel.close();
            kernel = null;
        }
        return kernel == null;
    }
}
