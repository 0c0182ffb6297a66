package dev.karst.env.linux.event;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/**
 * An event set on epoll(7). A poll that does not wait is a critical call, and no call at all while no socket is
 * watched; one that waits is an ordinary call.
 *
 * <p>An event names its {@link Watch} by place and generation, so one that was reported for a watch that has ended
 * since reaches nobody, whatever uses the descriptor by now.
 */
@ReactorConfined
public final class EpollEventSet extends EventSet {
    /** Interest of a stream: told once per change. include/uapi/linux/eventpoll.h */
    public static final int STREAM = 1 << 31 | 0x2001 | 0x004;
    /** Interest of what is told as long as it is ready. */
    public static final int LEVEL = 0x001;
    /** As {@link #LEVEL}, told once per change. */
    public static final int EDGE = 1 << 31 | 0x001;

    private static final int EPOLLERR = 0x008;
    private static final int EPOLLHUP = 0x010;
    private static final int EPOLLRDHUP = 0x2000;
    static final int ENDED = EPOLLERR | EPOLLHUP | EPOLLRDHUP;
    static final int INPUT = LEVEL | ENDED;
    static final int OUTPUT = 0x004 | EPOLLERR | EPOLLHUP;

    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;

    /** struct epoll_event is packed on x86-64 alone. */
    private static final int EVENT_BYTES = Syscall.number(12, 16);
    private static final int EVENT_DATA = Syscall.number(4, 8);
    private static final int BATCH = 64;
    private static final long WAKE_TOKEN = -2;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MS = 1_000_000L;

    private final Kernel kernel = Kernel.open();
    private final long events = kernel.scratch;
    private final long timespec = events + BATCH * 16;
    private final long argument = timespec + 16;
    private final WakeUp wakeUp = new WakeUp();
    private final WatchTable watches = new WatchTable();
    private final int epoll;
    private boolean closed;
    private volatile boolean waiting;
    /** Watches that tell somebody; the others only end a wait. */
    private int told;
    private boolean exactTimes = true;
    /**
     * The batch that is being delivered: the next event, and behind the last. What throws leaves the rest for the next
     * poll.
     */
    private int next;
    private int count;

    /** Opens. */
    public EpollEventSet() throws StorageException {
        epoll = (int) kernel.call(Syscall.EPOLL_CREATE1, EPOLL_CLOEXEC, 0, 0);
        int failed = Math.min(epoll, wakeUp.fd());
        if (failed >= 0) {
            failed = control(EPOLL_CTL_ADD, wakeUp.fd(), EDGE, WAKE_TOKEN);
        }
        if (failed < 0) {
            close();
            throw Failure.of(failed, "open an event set");
        }
    }

    @Override
    public int poll(long timeoutNanos) {
        if (next == count) {
            next = 0;
            count = timeoutNanos > 0 ? sleep(timeoutNanos) : ask();
        }
        return deliver();
    }

    private int ask() {
        if (told == 0) {
            return 0;
        }
        return (int) Math.max(0, kernel.fast(Syscall.EPOLL_PWAIT, epoll, events, BATCH, 0));
    }

    private int sleep(long timeoutNanos) {
        waiting = true;
        int ready = wakeUp.beginSleep() ? await(timeoutNanos) : ask();
        waiting = false;
        wakeUp.endSleep();
        return ready;
    }

    private int await(long timeoutNanos) {
        long result = exactTimes ? awaitNanos(timeoutNanos) : awaitMs(timeoutNanos);
        if (result == -Errno.ENOSYS) {
            exactTimes = false;
            result = awaitMs(timeoutNanos);
        }
        return (int) Math.max(0, result);
    }

    private long awaitNanos(long timeoutNanos) {
        Mem.setLong(timespec, timeoutNanos / NANOS_PER_SECOND);
        Mem.setLong(timespec + Long.BYTES, timeoutNanos % NANOS_PER_SECOND);
        long time = timeoutNanos == Long.MAX_VALUE ? 0 : timespec;
        return kernel.call(Syscall.EPOLL_PWAIT2, epoll, events, BATCH, time, 0);
    }

    /** Rounds up: a reactor that comes late is right, one that comes early asks in vain again and again. */
    private long awaitMs(long timeoutNanos) {
        long ms = Math.min((timeoutNanos - 1) / NANOS_PER_MS + 1, Integer.MAX_VALUE);
        return kernel.call(Syscall.EPOLL_PWAIT, epoll, events, BATCH, timeoutNanos == Long.MAX_VALUE ? -1 : ms, 0);
    }

    private int deliver() {
        int delivered = 0;
        while (next < count) {
            long event = events + (long) next++ * EVENT_BYTES;
            Watch watch = watches.find(Mem.getLong(event + EVENT_DATA));
            if (watch != null) {
                delivered++;
                if (watch.readiness != null) {
                    watch.tell(Mem.getInt(event));
                }
            }
        }
        return delivered;
    }

    void add(Watch watch, int interest) {
        watches.add(watch);
        int result = control(EPOLL_CTL_ADD, watch.fd, interest, watch.token);
        if (result < 0) {
            watches.remove(watch);
            throw Failure.unexpected(result, "watch descriptor " + watch.fd);
        }
        told += watch.readiness == null ? 0 : 1;
    }

    void change(Watch watch, int interest) {
        control(EPOLL_CTL_MOD, watch.fd, interest, watch.token);
    }

    void remove(Watch watch) {
        if (watch.token != Watch.NONE) {
            told -= watch.readiness == null ? 0 : 1;
            control(EPOLL_CTL_DEL, watch.fd, 0, 0);
            watches.remove(watch);
        }
    }

    private int control(int operation, int fd, int interest, long token) {
        Mem.setInt(argument, interest);
        Mem.setLong(argument + EVENT_DATA, token);
        return (int) kernel.fast(Syscall.EPOLL_CTL, epoll, operation, fd, argument);
    }

    @Override
    public void wake() {
        wakeUp.wake();
    }

    @Override
    public boolean isWaiting() {
        return waiting;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wakeUp.close();
        watches.clear();
        if (epoll >= 0) {
            kernel.close(epoll);
        }
        kernel.close();
    }
}
