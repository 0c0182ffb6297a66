package dev.karst.env.linux.event;

import dev.karst.base.Mem;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Ends the sleep of one thread from any other. The eventfd is written only while the sleeper sleeps.
 *
 * <pre>
 *            beginSleep                wake
 *   AWAKE --------------> SLEEPING ----------> WOKEN
 *     |  <-------------------'  endSleep         |
 *     |  ---------------- wake ----------------> |
 *      `<--------------- endSleep --------------'
 * </pre>
 *
 * Between two sleeps a wake-up is remembered, and the next sleep does not begin. Whoever writes does so after the state
 * has changed and may come late, when the sleeper is long awake: its next sleep is then short. The sleeper never waits
 * for a writer, which it may have displaced from the processor.
 */
final class WakeUp {
    private static final int AWAKE = 0;
    private static final int SLEEPING = 1;
    private static final int WOKEN = 2;
    private static final int CLOSED = 3;

    /** include/uapi/linux/eventfd.h */
    private static final int EFD_NONBLOCK = 0x800;
    private static final int EFD_CLOEXEC = 0x80000;

    private static final VarHandle STATE;
    private static final VarHandle WRITERS;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(WakeUp.class, "state", int.class);
            WRITERS = MethodHandles.lookup().findVarHandle(WakeUp.class, "writers", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Kernel kernel = Kernel.open();
    private final int fd;
    private int state;
    /** How many may be about to write; the descriptor is not closed under their hands. */
    private int writers;

    WakeUp() {
        fd = (int) kernel.call(Syscall.EVENTFD2, 0, EFD_NONBLOCK | EFD_CLOEXEC, 0);
        Mem.setLong(kernel.scratch, 1);
    }

    /** The eventfd, or a negative error number when there was none to be had. */
    int fd() {
        return fd;
    }

    /** Whether the caller may sleep now: nobody woke it since it last slept. Its look at its queues came before. */
    boolean beginSleep() {
        return STATE.compareAndSet(this, AWAKE, SLEEPING);
    }

    /** The caller is awake, and looks at its queues after this. */
    void endSleep() {
        if (!STATE.compareAndSet(this, SLEEPING, AWAKE)) {
            STATE.compareAndSet(this, WOKEN, AWAKE);
        }
    }

    /** Any thread, after it has published what the sleeper is to find. */
    void wake() {
        VarHandle.fullFence();
        for (;;) {
            int now = (int) STATE.getVolatile(this);
            if (now >= WOKEN || now == AWAKE && STATE.compareAndSet(this, AWAKE, WOKEN)) {
                return;
            }
            if (now == SLEEPING) {
                endOthersSleep();
            }
        }
    }

    private void endOthersSleep() {
        WRITERS.getAndAdd(this, 1);
        if (STATE.compareAndSet(this, SLEEPING, WOKEN)) {
            kernel.call(Syscall.WRITE, fd, kernel.scratch, Long.BYTES);
        }
        WRITERS.getAndAdd(this, -1);
    }

    /** Closes, once; a wake-up that is under way ends first, and later ones do nothing. */
    void close() {
        STATE.setVolatile(this, CLOSED);
        while ((int) WRITERS.getVolatile(this) != 0) {
            Thread.yield();
        }
        if (fd >= 0) {
            kernel.close(fd);
        }
        kernel.close();
    }
}
