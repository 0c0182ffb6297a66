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

    /**
     * For a module that stands on this device, inside {@link dev.karst.bdev.module.ModuleChannel#submit}: does the READ or WRITE that the
     * module is given in the module's stead, at another place, if this device {@linkplain
     * dev.karst.bdev.module.ModuleBdev#isImmediate ends it at once} and nothing is in its way. That spares the module an I/O of its own.
     *
     * @return whether it was done, and is completed; if not, it is as it was
     */
    public boolean doNow(BdevIo io, long offsetBlocks) {
        return false;
    }

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
        assert !io.inFlight : "submitted while in flight";
        io.inFlight = true;
        if (io.channel != this) {
            io.channel = this;
        }
        io.startNanos = nowNanos;
        io.zeros = false;
    }

    /** For implementations: the I/O is in flight nowhere. */
    protected final void end(BdevIo io) {
        io.inFlight = false;
    }

    /** For implementations: whether the I/O is in flight here. */
    protected final boolean holds(BdevIo io) {
        return io.inFlight && io.channel == this;
    }

    /** For implementations: the channel that the I/O is in flight on; null for none. */
    protected static BdevChannel channelOf(BdevIo io) {
        return io.inFlight ? io.channel : null;
    }

    /** For implementations: where they find the I/O among those in flight, as they noted it. */
    protected static int place(BdevIo io) {
        return io.place;
    }

    /** For implementations: what the I/O was completed with last. */
    protected static int status(BdevIo io) {
        return io.status;
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
