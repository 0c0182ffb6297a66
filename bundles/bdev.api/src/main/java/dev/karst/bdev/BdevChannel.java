package dev.karst.bdev;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;
import java.util.concurrent.atomic.LongAdder;

/** The way of one reactor into one open block device. Taken from a {@link BdevDescriptor}; reactor-confined. */
@ReactorConfined
public abstract class BdevChannel {
    private static final LongAdder STRAY_COMPLETIONS = new LongAdder();

    /** Who is told that there is room again. */
    public abstract static class Waiter {
        private boolean waiting;

        /** There was room a moment ago: submit again, and wait again if refused. */
        public abstract void available();

        /** Whether it waits now. */
        public final boolean isWaiting() {
            return waiting;
        }
    }

    /** The reactor that it belongs to. */
    public abstract Reactor reactor();

    /** The block device. */
    public abstract Bdev bdev();

    /**
     * Takes an I/O, or refuses it at once. An accepted one is completed later, exactly once, never inside this call; a
     * refused one is the submitter's again and is not completed.
     *
     * @return {@link dev.karst.base.Status#OK} when accepted;
     *     {@link dev.karst.base.Status#NO_RESOURCE}: wait by {@link #whenAvailable};
     *     {@link dev.karst.base.Status#OUT_OF_RANGE}, {@link dev.karst.base.Status#INVALID}, {@link
     *     dev.karst.base.Status#NOT_SUPPORTED}, {@link dev.karst.base.Status#READ_ONLY}: it can never succeed;
     *     {@link dev.karst.base.Status#REMOVED}: the device is gone, close
     */
    public abstract int submit(BdevIo io);

    /** Tells the waiter once when there may be room; first come, first served. Waiting twice waits once. */
    public abstract void whenAvailable(Waiter waiter);

    /** Gives the way back; nothing may be in flight. */
    public abstract void close();

    /** I/Os accepted and not ended. */
    public abstract int inFlight();

    /** For {@link BdevIo#complete}. */
    protected abstract void completed(BdevIo io, int status);

    /** An I/O that was in flight here last was completed once more, which was refused; on the thread of whoever did. */
    protected void strayed(BdevIo io) {}

    /** For implementations: the I/O is in flight here from now on. */
    protected final void begin(BdevIo io, long nowNanos) {
        assert io.channel == null : "submitted while in flight";
        io.channel = this;
        io.last = this;
        io.startNanos = nowNanos;
        io.zeros = false;
    }

    /** For implementations: the I/O is in flight nowhere. */
    protected final void end(BdevIo io) {
        io.channel = null;
    }

    /** For implementations: whether the I/O is in flight here. */
    protected final boolean holds(BdevIo io) {
        return io.channel == this;
    }

    /** For implementations: the channel that the I/O is in flight on; null for none. */
    protected static BdevChannel channelOf(BdevIo io) {
        return io.channel;
    }

    /** For implementations: where they find the I/O among those in flight, as they noted it. */
    protected static int place(BdevIo io) {
        return io.place;
    }

    /** For implementations: notes where they find the I/O. */
    protected static void place(BdevIo io, int place) {
        io.place = place;
    }

    /** For implementations: where who watches finds the I/O, as noted. */
    protected static int mark(BdevIo io) {
        return io.mark;
    }

    /** For implementations: notes where who watches finds the I/O. */
    protected static void mark(BdevIo io, int mark) {
        io.mark = mark;
    }

    /** For implementations: whether the waiter waits from now on. */
    protected static void waiting(Waiter waiter, boolean waiting) {
        waiter.waiting = waiting;
    }

    /** For implementations: counts a completion that they refused. */
    protected static void strayCompletion() {
        STRAY_COMPLETIONS.increment();
    }

    /** How often, in this process, an I/O was completed that was not in flight: a fault of a module, refused. */
    public static long strayCompletions() {
        return STRAY_COMPLETIONS.sum();
    }
}
