package dev.karst.env;

import dev.karst.base.ReactorConfined;

/** Asynchronous file I/O of one reactor. Reactor-confined. */
@ReactorConfined
public abstract class FileRing {
    /** Most pairs in the vector of one operation. */
    public static final int MAX_SEGMENTS = 64;

    /** How the work is done, for people to read: {@code io_uring}, {@code threads} or {@code simulated}. */
    public abstract String kind();

    /**
     * Takes an operation. The kernel may see it only at the next {@link #poll}.
     *
     * @return {@link dev.karst.base.Status#OK}, or {@link dev.karst.base.Status#NO_RESOURCE} when the ring is full: then
     *     nothing happened, and there is room again after some operation has completed
     */
    public abstract int submit(FileOp op);

    /** Asks to cancel; the operation still completes, with ECANCELED if it was in time. */
    public abstract void cancel(FileOp op);

    /**
     * Hands what was submitted to the kernel and delivers what has completed. Returns how much it did, completions delivered
     * above all; after 0 the caller may sleep until the event set says something.
     */
    public abstract int poll();

    /** Operations in flight. */
    public abstract int inFlight();

    /** Closes; nothing may be in flight. */
    public abstract void close();
}
