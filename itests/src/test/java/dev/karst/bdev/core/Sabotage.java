package dev.karst.bdev.core;

import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.reactor.Reactor;

/** Bugs that a block layer must not have, done to it from inside; the storm finds each. On the reactor of the lane. */
public final class Sabotage {
    /** What is done wrong. */
    public enum Bug {
        NONE,
        /** What the module completes is not told to anybody. */
        LOSES_A_COMPLETION,
        COMPLETES_TWICE,
        /** One I/O gets past a closed gate. */
        GATE_OFF_BY_ONE,
        /** The first that waits becomes the last. */
        REPLAYS_OUT_OF_ORDER,
        /** What the module did not let go of waits for its successor, as if it had. */
        REPLAYS_UNCONFIRMED,
        /** What a parked device had claimed is free for all. */
        FORGETS_A_CLAIM
    }

    private Sabotage() {}

    /** Does it, if this is the moment; whether it was. */
    public static boolean commit(Bug bug, BlockLayer layer, String device, Reactor reactor) {
        CoreBdev bdev = (CoreBdev) layer.find(device).orElse(null);
        return bdev != null && switch (bug) {
            case NONE -> false;
            case LOSES_A_COMPLETION -> losesACompletion(bdev.lane(reactor));
            case COMPLETES_TWICE -> completesTwice(bdev.lane(reactor));
            case GATE_OFF_BY_ONE -> letsOneIn(bdev.lane(reactor));
            case REPLAYS_OUT_OF_ORDER -> swaps(bdev.lane(reactor));
            case REPLAYS_UNCONFIRMED -> takesBack(bdev.lane(reactor));
            case FORGETS_A_CLAIM -> forgetsAClaim(layer, bdev);
        };
    }

    /** A submitter's I/O that is in the module; null for none. */
    private static BdevIo inModule(Lane lane, boolean writing) {
        Attachment attachment = lane.attachment();
        for (int i = attachment == null ? 0 : attachment.count(); i > 0; i--) {
            BdevIo io = attachment.get(i - 1);
            if (!lane.inner.has(io) && (!writing || io.type == IoType.WRITE)) {
                return io;
            }
        }
        return null;
    }

    private static boolean losesACompletion(Lane lane) {
        BdevIo io = inModule(lane, false);
        return io != null && lane.attachment().remove(io);
    }

    private static boolean completesTwice(Lane lane) {
        BdevIo io = inModule(lane, false);
        if (io != null) {
            io.run();
        }
        return io != null;
    }

    private static boolean letsOneIn(Lane lane) {
        if (lane.gate.isOpen() || lane.waiting.size() == 0 || lane.attachment() == null) {
            return false;
        }
        BdevIo io = lane.waiting.pollFirst();
        LaneChannel.note(io, LaneChannel.NOWHERE);
        lane.hand(io);
        return true;
    }

    private static boolean swaps(Lane lane) {
        if (lane.waiting.size() < 2) {
            return false;
        }
        lane.waiting.addLast(lane.waiting.pollFirst());
        return true;
    }

    private static boolean takesBack(Lane lane) {
        BdevIo io = lane.gate.isOpen() ? null : inModule(lane, true);
        if (io == null) {
            return false;
        }
        lane.attachment().remove(io);
        LaneChannel.note(io, LaneChannel.WAITING);
        lane.waiting.addFirst(io);
        return true;
    }

    private static boolean forgetsAClaim(BlockLayer layer, CoreBdev bdev) {
        synchronized (layer.lock) {
            if (bdev.state() == State.PARKED) {
                layer.forgetClaims(bdev);
            }
            return false;
        }
    }
}
