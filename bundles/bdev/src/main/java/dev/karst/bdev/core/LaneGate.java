package dev.karst.bdev.core;

import dev.karst.base.Errno;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.core.limit.Limiter;
import dev.karst.bdev.core.limit.RateLimit;
import dev.karst.bdev.core.ring.IoRing;
import dev.karst.bdev.module.ModuleBdev;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Lets I/O into a module or not, and knows when the module is empty. Whoever closes it gives a reason, and it is open
 * when no reason is left. I/O that a drain recalled waits here and goes first when the gate opens.
 */
@ReactorConfined
final class LaneGate {
    /** The module is being replaced. */
    static final int PARK = 1;
    /** A reset runs. */
    static final int RESET = 2;
    /** The device goes; never taken back. */
    static final int REMOVE = 4;
    /** The module misbehaves; holds until the module is taken out, or has ended what it held. */
    private static final int FENCE = 16;
    /** A rate limit holds; the gate is open for what it lets through. */
    private static final int LIMIT = 8;

    /** What a rate limit holds back. */
    private static final class HeldBack extends Limiter {
        private final Lane lane;

        HeldBack(Lane lane) {
            super(lane.reactor);
            this.lane = lane;
        }

        @Override
        protected void waits(BdevIo io) {
            LaneChannel.note(io, LaneChannel.WAITING);
        }

        @Override
        protected void goesOn(BdevIo io) {
            LaneChannel.note(io, LaneChannel.NOWHERE);
            lane.takeAllowed(io);
        }

        @Override
        protected void ends(BdevIo io, int status) {
            lane.end(io, status);
        }

        @Override
        protected long bytes(BdevIo io) {
            return io.blocks * lane.limits().blockSize();
        }
    }

    private final Lane lane;
    final Limiter limiter;
    private final List<CoreChannel> channels = new ArrayList<>(1);
    private final List<CompletableFuture<Void>> whenEmpty = new ArrayList<>(0);
    /** What submitters asked to abort and the module has not given back: the answer ABORTED is for them. */
    private final List<BdevIo> victims = new ArrayList<>(0);
    /** Channels of modules that went and did not give everything back. */
    private final List<Attachment> quarantine = new ArrayList<>(0);
    private final IoRing recalled = new IoRing();
    /** Told when the fenced module has ended by itself all that it had; null while nobody asks. */
    private CompletableFuture<Void> ended;
    private int reasons;
    private boolean recalling;
    private boolean watching;
    private int opened;

    LaneGate(Lane lane) {
        this.lane = lane;
        this.limiter = new HeldBack(lane);
    }

    boolean isOpen() {
        return (reasons & ~LIMIT) == 0;
    }

    /** Whether it is open, and no rate limit holds anything back. */
    boolean isUnlimited() {
        return reasons == 0;
    }

    /** A rate limit holds from now on, or none when it is null. */
    void limit(RateLimit limit) {
        reasons = limit != null ? reasons | LIMIT : reasons & ~LIMIT;
        limiter.set(limit);
    }

    boolean isRemoved() {
        return (reasons & REMOVE) != 0;
    }

    /** Why no I/O is taken; OK when it is, now or later. */
    int refusal() {
        if ((reasons & (REMOVE | FENCE)) == 0) {
            return Status.OK;
        }
        return isRemoved() ? Status.REMOVED : Status.FAILED;
    }

    /** Whether what leaves the module must be looked at. */
    boolean watches() {
        return watching;
    }

    /** Looks at what leaves the module as long as somebody wants to know. */
    void watch() {
        watching = recalling || ended != null || !whenEmpty.isEmpty() || !victims.isEmpty() || lane.locks.isPending();
    }

    void refuseRemoved() throws StorageException {
        if (isRemoved()) {
            throw StorageException.errno(Errno.ENODEV, "No such device: " + lane.bdev.name()
                + " is being removed; close it");
        }
    }

    void enter(CoreChannel channel) {
        channels.add(channel);
    }

    /** A descriptor's owner wants to know what takes long, or no longer. */
    void watch(CoreDescriptor descriptor) {
        for (CoreChannel channel : channels) {
            channel.watch(descriptor);
        }
    }

    void leave(CoreChannel channel) {
        channels.remove(channel);
    }

    /** Closes for that reason; the future is told when the module is empty. */
    void close(int reason, CompletableFuture<Void> empty) {
        reasons |= reason;
        if (reason == REMOVE) {
            failWaiting(Status.REMOVED);
        }
        Attachment attachment = lane.attachment();
        if (attachment == null || attachment.count() == 0) {
            empty.complete(null);
        } else {
            whenEmpty.add(empty);
            watch();
        }
    }

    /**
     * Takes no more I/O as long as that module is here, and asks it to end what it has; {@code ended} is told when it has, and not
     * when that was taken back.
     */
    void fence(ModuleBdev of, CompletableFuture<Void> ended) {
        if (lane.module() == of) {
            reasons |= FENCE;
            this.ended = ended;
            failWaiting(Status.FAILED);
            abortAll();
            tellEnded();
        }
    }

    /** Takes I/O again, if that module is here and nobody has fenced it anew. */
    void unfence(ModuleBdev of) {
        if (lane.module() == of && lane.bdev.fence() == null) {
            open(FENCE);
        }
    }

    private void tellEnded() {
        Attachment now = lane.attachment();
        if (ended != null && (now == null || now.count() == 0)) {
            ended.complete(null);
            ended = null;
        }
    }

    private void failWaiting(int status) {
        mergeRecalled();
        for (BdevIo io = lane.waiting.pollFirst(); io != null; io = lane.waiting.pollFirst()) {
            lane.end(io, status);
        }
        lane.splits.failWaiting(status);
        limiter.failWaiting(status);
        lane.jobs.failWaiting(status);
        lane.locks.failWaiting(status);
        for (CoreChannel channel : channels) {
            channel.wakeSoon();
        }
    }

    /** That reason is gone. */
    void open(int reason) {
        reasons &= ~reason;
        lane.pump();
    }

    /** Asks the module to give back all that it holds; what it aborts waits for its successor. */
    void recall() {
        recalling = true;
        abortAll();
    }

    /** Asks the module to end all that it holds. */
    void abortAll() {
        watch();
        if (lane.attachment() != null) {
            lane.attachment().abortAll();
        }
    }

    /** Something left the module while the gate watches: whether that ends it. */
    boolean left(BdevIo io, int status, Attachment from) {
        boolean asked = victims.remove(io);
        boolean ends = !recalling || asked || status != Status.ABORTED || !canWait(io);
        if (!ends) {
            LaneChannel.note(io, LaneChannel.WAITING);
            recalled.addLast(io);
        }
        if (from.count() == 0) {
            tellEmpty();
            tellEnded();
        }
        watch();
        lane.locks.left(io);
        return ends;
    }

    /** What a drain took back may go to the next module. */
    private static boolean canWait(BdevIo io) {
        return io.type.hasRange() || io.type.isPassthrough();
    }

    private void tellEmpty() {
        CompletableFuture<?>[] told = whenEmpty.toArray(CompletableFuture[]::new);
        whenEmpty.clear();
        for (CompletableFuture<?> empty : told) {
            empty.complete(null);
        }
    }

    /** Something was completed that is not in the module: whether that ends it. */
    boolean leftElsewhere(BdevIo io, int status) {
        if (LaneChannel.noted(io) == LaneChannel.ENDING) {
            LaneChannel.note(io, LaneChannel.NOWHERE);
            lane.locks.left(io);
            return true;
        }
        for (Attachment old : quarantine) {
            if (old.remove(io)) {
                return leftQuarantine(old, io, status);
            }
        }
        LaneChannel.stray();
        strayed(io);
        return false;
    }

    /** An I/O was completed that is not in the module: its fault, if it had it last, or refused it. */
    void strayed(BdevIo io) {
        Attachment now = lane.attachment();
        int place = LaneChannel.noted(io);
        if (now != null && (place == now.mark || place == LaneChannel.WAITING)) {
            now.misbehaved("ended a " + io.type + " that it did not have");
        }
    }

    /** Somebody completed on another reactor than the one that submitted. */
    void completedElsewhere(BdevIo io) {
        Attachment now = lane.attachment();
        if (now != null && now.holds(io)) {
            now.misbehaved("ended a " + io.type + " on a reactor that did not submit it");
        }
    }

    /** Numbers the module's channels, so that a late end is not taken for the fault of a successor. */
    int nextMark() {
        return LaneChannel.LEFT - (opened++ & LaneChannel.MOST_MARKS);
    }

    private boolean leftQuarantine(Attachment old, BdevIo io, int status) {
        boolean ends = victims.remove(io) || status != Status.ABORTED || refusal() != Status.OK || !canWait(io);
        if (old.count() == 0) {
            lane.reactor.execute(() -> close(old));
        }
        if (!ends) {
            LaneChannel.note(io, LaneChannel.WAITING);
            lane.waiting.addFirst(io);
            lane.settle();
        }
        return ends;
    }

    /** By message: the module was in the middle of ending the last I/O. */
    private void close(Attachment old) {
        quarantine.remove(old);
        old.closeIfEmpty();
    }

    boolean abortInModule(BdevIo victim) {
        Attachment now = lane.attachment();
        if (now != null && now.holds(victim)) {
            return abort(now, victim);
        }
        for (Attachment old : quarantine) {
            if (old.holds(victim)) {
                return abort(old, victim);
            }
        }
        return false;
    }

    private boolean abort(Attachment in, BdevIo victim) {
        victims.add(victim);
        watch();
        lane.turn.depth++;
        in.abort(victim);
        lane.turn.depth--;
        return true;
    }

    /** The same, if that module is here and fenced. */
    void takeBack(ModuleBdev of) {
        if (lane.module() == of && (reasons & FENCE) != 0) {
            takeBack();
        }
    }

    /** The time is up: takes back what the module lets go of for good. */
    void takeBack() {
        Attachment attachment = lane.attachment();
        if (attachment == null) {
            return;
        }
        for (BdevIo io : attachment.all()) {
            if (attachment.holds(io) && attachment.abandon(io) && attachment.remove(io)) {
                ended = null;
                takeBack(io, attachment);
            }
        }
    }

    private void takeBack(BdevIo io, Attachment from) {
        if (left(io, Status.ABORTED, from)) {
            lane.end(io, Status.ABORTED);
        }
    }

    /** The module goes; {@code gone} is told when its channel is closed, at once unless something is still inside. */
    void detach(CompletableFuture<Void> gone) {
        recalling = false;
        ended = null;
        reasons &= ~FENCE;
        mergeRecalled();
        Attachment was = lane.detach();
        if (was == null) {
            gone.complete(null);
        } else {
            if (was.count() > 0) {
                quarantine.add(was);
            }
            was.closeWhenEmpty(gone);
        }
        tellEmpty();
        lane.locks.left(0, Long.MAX_VALUE);
        watch();
    }

    /** What was recalled waits before everything else. */
    void mergeRecalled() {
        for (BdevIo io = recalled.pollLast(); io != null; io = recalled.pollLast()) {
            lane.waiting.addFirst(io);
        }
    }

    /** What modules that went have open below, for I/O that they did not give back. */
    List<CoreDescriptor> openBelow() {
        List<CoreDescriptor> open = new ArrayList<>();
        for (Attachment old : quarantine) {
            for (CoreChannel channel : old.below()) {
                open.add(channel.descriptor());
            }
        }
        return open;
    }

    /** I/Os that modules that went did not give back. */
    int quarantined() {
        return quarantine.stream().mapToInt(Attachment::count).sum();
    }
}
