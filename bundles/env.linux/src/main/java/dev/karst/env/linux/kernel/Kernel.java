package dev.karst.env.linux.kernel;

import dev.karst.base.Mem;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * System calls for one owner at a time: it holds some scratch for arguments. Results are as in the kernel: a negative error
 * number, or a figure.
 *
 * <p>All calls go through one {@linkplain CallStub stub} with six arguments, so that two handles of one shape do for the whole
 * stack: linking the first costs about 50 ms and each further shape 5 ms, at every start.
 */
public final class Kernel implements AutoCloseable {
    /** Bytes of {@link #scratch}. */
    public static final int SCRATCH_BYTES = 2048;

    /** A call that may block. */
    private static final class Ordinary {
        static final MethodHandle CALL = CallStub.link();
    }

    /** A call that never blocks: cheaper, but no safepoint passes while it lasts. */
    private static final class Critical {
        static final MethodHandle CALL = CallStub.link(Linker.Option.critical(false));
    }

    /** Memory for the arguments of a call, registered with {@link Mem}; what is in it changes owners with it. */
    public final long scratch;

    Kernel(long scratch) {
        this.scratch = scratch;
    }

    /** One that nobody else has. */
    public static Kernel open() {
        return KernelPool.take();
    }

    /** A call with up to three arguments. */
    public long call(int number, long a, long b, long c) {
        return call(number, a, b, c, 0, 0);
    }

    /** A call with up to five arguments. */
    public long call(int number, long a, long b, long c, long d, long e) {
        try {
            return (long) Ordinary.CALL.invokeExact((long) number, a, b, c, d, e, 0L);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** A call that does not block, with up to three arguments. */
    public long fast(int number, long a, long b, long c) {
        return fast(number, a, b, c, 0);
    }

    /** A call that does not block, with up to four arguments. */
    public long fast(int number, long a, long b, long c, long d) {
        try {
            return (long) Critical.CALL.invokeExact((long) number, a, b, c, d, 0L, 0L);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** mmap(2) at an address of the kernel's choice. */
    public long map(long bytes, int protection, int flags, int fd, long offset) {
        return map(0, bytes, protection, flags, fd, offset);
    }

    /** mmap(2) at this address, or near it: the flags say which. */
    public long map(long address, long bytes, int protection, int flags, int fd, long offset) {
        long number = Syscall.MMAP;
        try {
            return (long) Ordinary.CALL.invokeExact(number, address, bytes, (long) protection, (long) flags, (long) fd, offset);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Closes a descriptor; it is gone whatever the call says. */
    public void close(int fd) {
        call(Syscall.CLOSE, fd, 0, 0);
    }

    private static AssertionError impossible(Throwable t) {
        return new AssertionError("the downcall itself failed", t);
    }

    /** Gives it back. */
    @Override
    public void close() {
        KernelPool.give(this);
    }
}
