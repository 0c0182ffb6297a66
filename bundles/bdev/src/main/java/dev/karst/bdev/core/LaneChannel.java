package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.core.bounce.BounceBuffers;
import dev.karst.reactor.Reactor;

/** What submitters' channels and the layer's own have in common: the lane, and the notes on an I/O. */
@ReactorConfined
abstract class LaneChannel extends BdevChannel {
    /** What all devices share on one reactor. */
    static final class Turn {
        /** How many submissions are on the stack: while there are any, completions are deferred. */
        int depth;
        final BounceBuffers buffers;
        /** The module's channel that is being opened now: channels that it opens meanwhile are what it stands on. */
        Attachment opening;

        Turn(BounceBuffers buffers) {
            this.buffers = buffers;
        }
    }

    /** Places of an I/O that is not in a module. */
    static final int NOWHERE = -1;
    static final int WAITING = -2;
    static final int SPLIT = -3;
    /** The layer itself completes it now. */
    static final int ENDING = -4;
    static final int JOB = -5;
    /** The first of the places of an I/O that left a module: it says which of its channels had it. */
    static final int LEFT = -16;
    static final int MOST_MARKS = 0xffffff;

    final Lane lane;
    final Reactor reactor;
    final Turn turn;

    LaneChannel(Lane lane) {
        this.lane = lane;
        this.reactor = lane.reactor;
        this.turn = lane.turn;
    }

    @Override
    public final Reactor reactor() {
        return reactor;
    }

    @Override
    public final Bdev bdev() {
        return lane.bdev;
    }

    /** Tells whoever waits for the I/O: now, or later in the round while a submission is on the stack. */
    final void tell(BdevIo io) {
        if (turn.depth == 0) {
            io.run();
        } else {
            reactor.defer(io);
        }
    }

    /**
     * Whether the caller completes on a reactor that did not submit; refused and counted, as it would corrupt the lane.
     */
    final boolean isElsewhere(BdevIo io) {
        if (reactor.isCurrent()) {
            return false;
        }
        strayCompletion();
        reactor.execute(() -> lane.gate.completedElsewhere(io));
        assert false : "completed on a reactor that did not submit";
        return true;
    }

    @Override
    protected final void strayed(BdevIo io) {
        if (reactor.isCurrent()) {
            lane.gate.strayed(io);
        } else {
            reactor.execute(() -> lane.gate.strayed(io));
        }
    }

    /** Whether it is in flight for a submitter, and none of the layer's own. */
    static boolean isSubmitters(BdevIo io) {
        return channelOf(io) instanceof CoreChannel;
    }

    /** Whether its submitter sees blocks without their metadata. */
    static boolean hidesMetadata(BdevIo io) {
        return channelOf(io) instanceof CoreChannel channel && channel.hidesMetadata();
    }

    static int noted(BdevIo io) {
        return place(io);
    }

    static void note(BdevIo io, int place) {
        place(io, place);
    }

    /** What it was completed with. */
    static int outcome(BdevIo io) {
        return status(io);
    }

    static int marked(BdevIo io) {
        return mark(io);
    }

    static void remark(BdevIo io, int mark) {
        mark(io, mark);
    }

    static void stray() {
        strayCompletion();
    }
}
