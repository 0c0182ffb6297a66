package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.core.lock.RangeLock;
import dev.karst.bdev.core.ring.IoRing;
import dev.karst.reactor.Message;
import java.util.function.Supplier;

/** Those of one kind that a lane has, made when needed; and the I/Os that wait until one of them is free. */
@ReactorConfined
final class Workers {
    /** Does one I/O of a lane by several others, again and again. As a message it goes on with the next of them. */
    @ReactorConfined
    abstract static class Worker extends Message {
        /** What it does; null while it does nothing. */
        abstract BdevIo whole();

        abstract void begin(BdevIo io);

        /** Ends it soon. */
        abstract void abort();

        /** Whether it is under way where the lock is, and does not hold a lock itself. */
        abstract boolean isBusy(RangeLock lock);

        /** No more I/O is taken: ends it with that status if it has not begun. */
        void failWaiting(int status) {}
    }

    /** How many that waited are begun at a time, before the reactor turns to something else. */
    private static final int BURST = 32;

    private final Lane lane;
    private final Supplier<Worker> kind;
    private final Worker[] all;
    private final Worker[] free;
    private final IoRing waiting = new IoRing();
    /** Outside of whatever ended: a module that completes at once would nest them without end. */
    private final Message beginLater = new Message() {
        @Override
        public void run() {
            sent = false;
            beginWaiting();
        }
    };
    private int made;
    private int freeCount;
    private boolean sent;
    private boolean beginning;

    /** At most so many of that kind. */
    Workers(Lane lane, int most, Supplier<Worker> kind) {
        this.lane = lane;
        this.kind = kind;
        all = new Worker[most];
        free = new Worker[most];
    }

    /** Does it, now or after those that came before. */
    void take(BdevIo io) {
        Worker worker = beginning || waiting.size() == 0 ? free() : null;
        if (worker == null) {
            LaneChannel.note(io, LaneChannel.WAITING);
            waiting.addLast(io);
        } else {
            worker.begin(io);
        }
    }

    private Worker free() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (made < all.length) {
            all[made] = kind.get();
            return all[made++];
        }
        return null;
    }

    /** One is out of use. */
    void give(Worker worker) {
        free[freeCount++] = worker;
        if (!beginning) {
            beginSoon();
        }
    }

    private void beginSoon() {
        if (waiting.size() != 0 && !sent) {
            sent = true;
            lane.reactor.send(beginLater);
        }
    }

    private void beginWaiting() {
        beginning = true;
        for (int burst = BURST; burst > 0 && freeCount > 0 && waiting.size() != 0; burst--) {
            BdevIo next = waiting.pollFirst();
            LaneChannel.note(next, LaneChannel.NOWHERE);
            lane.takeAllowed(next);
        }
        beginning = false;
        if (freeCount > 0) {
            beginSoon();
        }
    }

    boolean removeWaiting(BdevIo io) {
        return waiting.remove(io);
    }

    boolean abort(BdevIo io) {
        for (int i = 0; i < made; i++) {
            if (all[i].whole() == io) {
                all[i].abort();
                return true;
            }
        }
        return false;
    }

    boolean isBusy(RangeLock lock) {
        for (int i = 0; i < made; i++) {
            if (all[i].isBusy(lock)) {
                return true;
            }
        }
        return false;
    }

    /** No more I/O is taken: ends all that wait, or have not begun. */
    void failWaiting(int status) {
        for (int i = 0; i < made; i++) {
            all[i].failWaiting(status);
        }
        for (BdevIo io = waiting.pollFirst(); io != null; io = waiting.pollFirst()) {
            lane.end(io, status);
        }
    }
}
