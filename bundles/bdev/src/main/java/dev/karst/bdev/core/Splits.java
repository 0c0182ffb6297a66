package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.core.lock.RangeLock;
import dev.karst.bdev.core.ring.IoRing;
import dev.karst.reactor.Message;

/** The I/Os of one lane that are done in parts, and those that wait until one of these has ended. */
@ReactorConfined
final class Splits {
    /** How many are done in parts at a time. */
    private static final int MOST = 16;

    /** How many that waited are begun at a time, before the reactor turns to something else. */
    private static final int BURST = 32;

    /**
     * Begins those that wait, outside of whatever ended: a module that completes at once would nest them without end.
     */
    private static final class BeginLater extends Message {
        private final Splits splits;
        private boolean sent;

        BeginLater(Splits splits) {
            this.splits = splits;
        }

        @Override
        public void run() {
            sent = false;
            splits.beginWaiting();
        }
    }

    private final Lane lane;
    private final Split[] all = new Split[MOST];
    private final Split[] free = new Split[MOST];
    private final IoRing waiting = new IoRing();
    private int made;
    private int freeCount;
    private final BeginLater beginLater = new BeginLater(this);
    private boolean beginning;

    Splits(Lane lane) {
        this.lane = lane;
    }

    /** Does it in parts, now or after those that came before. */
    void take(BdevIo io) {
        boolean first = beginning || waiting.size() == 0;
        Split split = first ? free() : null;
        if (split == null) {
            LaneChannel.note(io, LaneChannel.WAITING);
            waiting.addLast(io);
        } else {
            split.begin(io, lane.needsZeroes(io));
        }
    }

    private Split free() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (made < MOST) {
            all[made] = new Split(lane);
            return all[made++];
        }
        return null;
    }

    /** One has ended. */
    void give(Split split) {
        free[freeCount++] = split;
        if (!beginning) {
            beginSoon();
        }
    }

    private void beginSoon() {
        if (waiting.size() != 0 && !beginLater.sent) {
            beginLater.sent = true;
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

    /** Whether one is under way that overlaps the lock. */
    boolean isBusy(RangeLock lock) {
        for (int i = 0; i < made; i++) {
            BdevIo whole = all[i].whole();
            if (whole != null && LaneLocks.overlap(lock, whole)) {
                return true;
            }
        }
        return false;
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

    /** Ends all that wait. */
    void failWaiting() {
        for (BdevIo io = waiting.pollFirst(); io != null; io = waiting.pollFirst()) {
            lane.end(io, Status.REMOVED);
        }
    }
}
