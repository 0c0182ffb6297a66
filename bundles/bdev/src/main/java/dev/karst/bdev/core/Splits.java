package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;

/** The I/Os of one lane that are done in parts, and those that wait until one of these has ended. */
@ReactorConfined
final class Splits {
    /** How many are done in parts at a time. */
    private static final int MOST = 16;

    private final Lane lane;
    private final Split[] all = new Split[MOST];
    private final Split[] free = new Split[MOST];
    private final IoRing waiting = new IoRing();
    private int made;
    private int freeCount;

    Splits(Lane lane) {
        this.lane = lane;
    }

    /** Does it in parts, now or after those that came before. */
    void take(BdevIo io) {
        Split split = free();
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
        BdevIo next = waiting.pollFirst();
        if (next != null) {
            lane.take(next);
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

    /** Ends all that wait. */
    void failWaiting() {
        for (BdevIo io = waiting.pollFirst(); io != null; io = waiting.pollFirst()) {
            lane.end(io, Status.REMOVED);
        }
    }
}
