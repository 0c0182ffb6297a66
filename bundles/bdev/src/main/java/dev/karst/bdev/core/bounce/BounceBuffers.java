package dev.karst.bdev.core.bounce;

import dev.karst.base.ReactorConfined;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;

/**
 * One reactor's buffers, of two sizes, shared by all devices. There are so many and no more: whoever finds none waits,
 * first come, first served. The memory is allocated when the first one is asked for.
 */
@ReactorConfined
public final class BounceBuffers {
    /** Bytes of a small one. */
    public static final int SMALL_BYTES = 8192;
    /** Bytes of a large one. */
    public static final int LARGE_BYTES = 131072;
    /** How many small ones there are. */
    public static final int SMALL = 128;
    /** How many large ones there are. */
    public static final int LARGE = 8;

    static final long BYTES = (long) SMALL * SMALL_BYTES + (long) LARGE * LARGE_BYTES;
    private static final long RETRY_NANOS = 100_000_000;

    /** Who asks for a buffer; has one at a time. */
    public abstract static class Taker {
        private Taker next;
        private boolean waiting;

        /** Here it is. On the reactor, not inside {@link #take}. */
        protected abstract void given(long address);

        /** Whether it waits for one. */
        public final boolean isWaiting() {
            return waiting;
        }
    }

    /** The buffers of one size, and who waits for one. */
    private static final class Stack {
        private final long[] free;
        private int count;
        private Taker first;
        private Taker last;
        private long takenAtOnce;
        private long waitedFor;

        Stack(int most) {
            free = new long[most];
        }

        void await(Taker taker) {
            waitedFor++;
            taker.waiting = true;
            taker.next = null;
            if (first == null) {
                first = taker;
            } else {
                last.next = taker;
            }
            last = taker;
        }

        boolean remove(Taker taker) {
            Taker before = null;
            Taker at = first;
            while (at != null && at != taker) {
                before = at;
                at = at.next;
            }
            if (at == null) {
                return false;
            }
            if (before == null) {
                first = at.next;
            } else {
                before.next = at.next;
            }
            last = last == at ? before : last;
            at.waiting = false;
            return true;
        }

        /** Gives the first who waits one of those that are there. */
        void serve() {
            Taker taker = first;
            remove(taker);
            taker.given(free[--count]);
        }
    }

    private final Reactor reactor;
    private final Stack small = new Stack(SMALL);
    private final Stack large = new Stack(LARGE);
    private final Message serve = new Message() {
        @Override
        public void run() {
            serving = false;
            serveAll();
        }
    };
    private final Timer retry = new Timer() {
        @Override
        public void expired() {
            allocate();
        }
    };
    private final Slab slab;
    /** Null until there is memory. */
    private Region region;
    private long largeFrom;
    private boolean asked;
    private boolean serving;
    private boolean closed;
    private int out;

    /** Buffers for that reactor. */
    public BounceBuffers(Reactor reactor, Environment environment) {
        this.reactor = reactor;
        this.slab = new Slab(this, reactor, environment);
    }

    /** A buffer that is aligned to 4 KiB and holds so many bytes; 0 when none is free, and the taker is told later. */
    public long take(Taker taker, long bytes) {
        assert bytes <= LARGE_BYTES : bytes + " bytes";
        Stack stack = bytes <= SMALL_BYTES ? small : large;
        if (stack.first == null && stack.count > 0) {
            out++;
            stack.takenAtOnce++;
            return stack.free[--stack.count];
        }
        stack.await(taker);
        if (region == null && !asked) {
            allocate();
        }
        return 0;
    }

    /** Gives one back; who waits hears later in the round. */
    public void give(long address) {
        out--;
        Stack stack = address < largeFrom ? small : large;
        stack.free[stack.count++] = address;
        if (closed) {
            freeIfAllHome();
        } else if (stack.first != null && !serving) {
            serving = true;
            reactor.defer(serve);
        }
    }

    /** The taker does not want one any more. */
    public void cancel(Taker taker) {
        if (!small.remove(taker)) {
            large.remove(taker);
        }
    }

    /**
     * How often buffers of one size were asked for.
     *
     * @param takenAtOnce and one was free
     * @param waitedFor and none was, so that the taker waited
     */
    public record Use(long takenAtOnce, long waitedFor) {
        /** The two together. */
        public Use plus(Use other) {
            return new Use(takenAtOnce + other.takenAtOnce, waitedFor + other.waitedFor);
        }
    }

    /** How often small ones were asked for. */
    public Use smallUse() {
        return new Use(small.takenAtOnce, small.waitedFor);
    }

    /** How often large ones were asked for. */
    public Use largeUse() {
        return new Use(large.takenAtOnce, large.waitedFor);
    }

    /** Buffers that are in use. */
    public int inUse() {
        return out;
    }

    private void serveAll() {
        while (serve(small) || serve(large)) {
            // Until nobody can be served.
        }
    }

    private boolean serve(Stack stack) {
        if (stack.first == null || stack.count == 0) {
            return false;
        }
        out++;
        stack.serve();
        return true;
    }

    private void allocate() {
        asked = small.first != null || large.first != null;
        if (asked) {
            slab.allocate();
        }
    }

    /** There is no memory; it is asked for again later. */
    void failed() {
        reactor.schedule(retry, RETRY_NANOS);
    }

    /** There is memory. */
    void arrived(Region made) {
        region = made;
        long address = made.address();
        for (int i = 0; i < SMALL; i++) {
            small.free[small.count++] = address + (long) i * SMALL_BYTES;
        }
        largeFrom = address + (long) SMALL * SMALL_BYTES;
        for (int i = 0; i < LARGE; i++) {
            large.free[large.count++] = largeFrom + (long) i * LARGE_BYTES;
        }
        if (closed) {
            freeIfAllHome();
        } else {
            serveAll();
        }
    }

    /** Nobody takes any more: the memory is given back, once all buffers are here. */
    public void close() {
        closed = true;
        freeIfAllHome();
    }

    private void freeIfAllHome() {
        if (out == 0 && region != null) {
            slab.free(region);
            region = null;
        }
    }
}
