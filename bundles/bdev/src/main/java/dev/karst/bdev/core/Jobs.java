package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.core.lock.RangeLock;
import dev.karst.bdev.core.ring.IoRing;
import dev.karst.reactor.Message;

/** The I/Os of one lane that are done in the block layer's own memory, and those that wait until one of these has ended. */
@ReactorConfined
final class Jobs {
    /** How many are done at a time. */
    static final int MOST = 64;

    private final Lane lane;
    private final Job[] all = new Job[MOST];
    private final Job[] free = new Job[MOST];
    private final IoRing waiting = new IoRing();
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

    Jobs(Lane lane) {
        this.lane = lane;
    }

    /** Does it, now or after those that came before. */
    void take(BdevIo io) {
        Job job = beginning || waiting.size() == 0 ? free() : null;
        if (job == null) {
            LaneChannel.note(io, LaneChannel.WAITING);
            waiting.addLast(io);
        } else {
            job.begin(io);
        }
    }

    private Job free() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (made < MOST) {
            all[made] = new Job(lane);
            return all[made++];
        }
        return null;
    }

    /** One is out of use. */
    void give(Job job) {
        free[freeCount++] = job;
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
        for (int left = Math.min(waiting.size(), freeCount); left > 0 && waiting.size() != 0; left--) {
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

    /** Whether one is under way that overlaps the lock and does not hold a lock itself. */
    boolean isBusy(RangeLock lock) {
        for (int i = 0; i < made; i++) {
            if (all[i].isBusy(lock)) {
                return true;
            }
        }
        return false;
    }

    /** Ends all that wait, also those that wait for a lock or for memory. */
    void failWaiting() {
        for (int i = 0; i < made; i++) {
            all[i].failWaiting();
        }
        for (BdevIo io = waiting.pollFirst(); io != null; io = waiting.pollFirst()) {
            lane.end(io, Status.REMOVED);
        }
    }
}
