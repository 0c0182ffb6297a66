package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.measure.Counters;
import dev.karst.bdev.core.measure.Latencies;
import dev.karst.bdev.core.ring.IoRing;
import dev.karst.bdev.core.shape.IoChecks;
import dev.karst.bdev.core.shape.IoLimits;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;

/**
 * All that one reactor has to do with one device: the module's channel, the I/Os in it, those that wait, and the {@link
 * LaneGate}. The channels of all descriptors on this reactor share it.
 */
@ReactorConfined
final class Lane {
    final CoreBdev bdev;
    final Reactor reactor;
    final LaneChannel.Turn turn;
    final Counters counters = new Counters();
    /** Null while they are not measured. */
    private Latencies latencies;
    final LaneGate gate;
    final InnerChannel inner;
    /** The I/Os that are done in parts. */
    final Workers splits;
    /** The I/Os that are done in the block layer's own memory. */
    final Workers jobs;
    final LaneLocks locks = new LaneLocks(this);
    final Split.Zeroes zeroes;
    final IoRing waiting = new IoRing();
    /** Submits what waits, outside of whatever made room. */
    private final Message pumpLater = new Message() {
        @Override
        public void run() {
            pumpSent = false;
            pump();
        }
    };
    /** Submits what waits when no completion will do so. */
    private final Timer retry = new Timer() {
        @Override
        public void expired() {
            pump();
        }
    };
    private boolean pumpSent;
    private boolean pumping;
    private int channels;

    /** Null while the module is away. */
    private ModuleBdev module;
    /** Null while the module is away or no channel is open. */
    private Attachment attachment;

    private IoLimits limits;
    private IoChecks checks;
    /** What is looked at with each I/O, taken out of the limits. */
    private int maxSegments;
    private long[] most;
    /** Whether an I/O may need more than to be handed on: a range lock holds, or the device is particular. */
    private boolean careful;
    private boolean immediate;

    Lane(CoreBdev bdev, Reactor reactor, LaneChannel.Turn turn, ModuleBdev module, Split.Zeroes zeroes) {
        this.bdev = bdev;
        this.reactor = reactor;
        this.turn = turn;
        this.zeroes = zeroes;
        this.gate = new LaneGate(this);
        this.inner = new InnerChannel(this);
        this.splits = new Workers(this, Split.MOST, () -> new Split(this));
        this.jobs = new Workers(this, Job.MOST, () -> new Job(this));
        adopt(module);
    }

    private void adopt(ModuleBdev module) {
        this.module = module;
        limits = new IoLimits(module);
        checks = new IoChecks(limits, module.geometry().blocks());
        maxSegments = limits.segments();
        most = limits.most();
        immediate = module.isImmediate() && limits.metadata().bytes() == 0;
        beCareful();
    }

    /** Looks twice at each I/O as long as there is reason to. */
    void beCareful() {
        careful = locks.isHeld() || limits.isParticular();
    }

    IoLimits limits() {
        return limits;
    }

    long mostBlocks(IoType type) {
        return most[type.ordinal()];
    }

    boolean isRemoved() {
        return gate.isRemoved();
    }

    /** Whether no I/O is taken, now and later. */
    boolean refuses() {
        return gate.refusal() != Status.OK;
    }

    Attachment attachment() {
        return attachment;
    }

    boolean needsZeroes(BdevIo io) {
        return io.type == IoType.WRITE_ZEROES && mostBlocks(IoType.WRITE_ZEROES) == 0;
    }

    // The I/O path.

    /** Whether the I/O can be done at all. */
    int check(BdevIo io, boolean writable, boolean hides) {
        int refusal = gate.refusal();
        return refusal == Status.OK ? checks.check(io, writable, hides) : refusal;
    }

    /** Whether the submitter's memory holds no metadata. */
    boolean isHidden(BdevIo io) {
        return checks.isHidden(io, LaneChannel.hidesMetadata(io));
    }

    /** Takes an I/O of a submitter: hands it to the module, or lets it wait behind the others. */
    void take(BdevIo io) {
        if (gate.isUnlimited() && waiting.size() == 0 && io.type != IoType.RESET) {
            if (!start(io)) {
                await(io);
            }
        } else {
            takeSlowly(io);
        }
    }

    private void takeSlowly(BdevIo io) {
        if (io.type == IoType.RESET) {
            LaneChannel.note(io, LaneChannel.NOWHERE);
            bdev.resets.request(this, io);
        } else if (gate.refusal() != Status.OK) {
            end(io, gate.refusal());
        } else if (!gate.limiter.holds(io)) {
            takeAllowed(io);
        }
    }

    /** Takes one that no rate limit holds back any more. */
    void takeAllowed(BdevIo io) {
        if (gate.refusal() != Status.OK) {
            end(io, gate.refusal());
        } else if (!gate.isOpen() || waiting.size() != 0 || !resume(io)) {
            await(io);
        }
    }

    /** Takes one of the layer's own, already cut to the module's limits. */
    void takeInner(BdevIo io) {
        if (gate.refusal() != Status.OK) {
            end(io, gate.refusal());
        } else if (checks.isOutside(io)) {
            end(io, Status.OUT_OF_RANGE);
        } else if (!gate.isOpen() || waiting.size() != 0 || !hand(io)) {
            await(io);
        }
    }

    private void await(BdevIo io) {
        LaneChannel.note(io, LaneChannel.WAITING);
        waiting.addLast(io);
    }

    /**
     * As {@link dev.karst.bdev.BdevChannel#doNow}. The I/O is in flight above, and its submitter hears of its end later in the round; the
     * layer's own would hear at once, and may be used anew before it is as it was.
     */
    boolean doNow(BdevIo io, long offsetBlocks, boolean writable) {
        boolean mayBe = immediate && !careful && latencies == null && gate.isUnlimited() && waiting.size() == 0;
        if (!mayBe || !LaneChannel.isSubmitters(io)) {
            return false;
        }
        long above = io.offsetBlocks;
        boolean done;
        boolean kept = false;
        io.offsetBlocks = offsetBlocks;
        try {
            done = isPlain(io) && checks.check(io, writable, false) == Status.OK && attachment.hasDone(io);
            kept = done && io.isInFlight();
        } finally {
            // What a faulty module keeps goes where it belongs, if not back as it came.
            io.offsetBlocks = kept ? offsetBlocks : above;
        }
        if (kept) {
            immediate = false;
        } else if (done) {
            counters.done(io, LaneChannel.outcome(io), reactor.nowNanos());
        }
        return done;
    }

    /** Whether the module takes it as it is. */
    private boolean isPlain(BdevIo io) {
        return io.blocks <= most[io.type.ordinal()] && io.blocks > 0 && (io.data.count() <= maxSegments || !io.type.hasData());
    }

    /** Whether it has been started, or ended, and needs no more waiting. */
    private boolean start(BdevIo io) {
        if (careful && isTakenWithCare(io)) {
            return true;
        }
        return isPlain(io) ? hand(io) : startSpecially(io);
    }

    /** Whether it waits for a lock, or is done in parts or in the layer's memory. */
    private boolean isTakenWithCare(BdevIo io) {
        if (inner.has(io)) {
            return false;
        }
        if (locks.cover(io) && !isLocking(io)) {
            locks.await(io);
            return true;
        }
        if (io.blocks == 0 || io.type.isPassthrough()) {
            return false;
        }
        if (checks.needsMemory(io, LaneChannel.hidesMetadata(io))) {
            jobs.take(io);
            return true;
        }
        boolean crosses = (io.type == IoType.READ || io.type == IoType.WRITE) && limits.crosses(io);
        if (crosses) {
            splits.take(io);
        }
        return crosses;
    }

    private boolean startSpecially(BdevIo io) {
        if (io.type.isPassthrough()) {
            return hand(io);
        }
        if (io.type == IoType.FLUSH) {
            return mostBlocks(IoType.FLUSH) == 0 ? endAtOnce(io) : hand(io);
        }
        if (io.blocks == 0) {
            return endAtOnce(io);
        }
        if (limits.isEmulated(io.type) || io.type == IoType.COMPARE_AND_WRITE) {
            jobs.take(io);
        } else {
            splits.take(io);
        }
        return true;
    }

    /** Whether it waits for a lock of its own, in line with the others that do. */
    private boolean isLocking(BdevIo io) {
        return io.type == IoType.COMPARE_AND_WRITE
            && (limits.isEmulated(io.type) || io.data.count() > maxSegments || checks.needsMemory(io, LaneChannel.hidesMetadata(io)));
    }

    private boolean endAtOnce(BdevIo io) {
        end(io, Status.OK);
        return true;
    }

    /** Submits to the module; false when it has no room. */
    boolean hand(BdevIo io) {
        Attachment to = attachment;
        to.enter(io);
        turn.depth++;
        int status;
        try {
            status = to.channel.submit(io);
        } catch (RuntimeException e) {
            status = Status.FAILED;
            to.threw(e);
        } catch (InternalError e) {
            // No fault of the module's: memory of the submitter's lies in a file that another process has made shorter.
            status = Status.FAILED;
        } finally {
            turn.depth--;
        }
        if (status == Status.OK) {
            to.entered(io);
            return true;
        }
        return !isRefusedForNow(to, io, status);
    }

    private boolean isRefusedForNow(Attachment by, BdevIo io, int status) {
        if (!by.remove(io)) {
            LaneChannel.stray();
            gate.strayed(io);
            return false;
        }
        if (status != Status.NO_RESOURCE) {
            end(io, status);
            return false;
        }
        counters.waited();
        locks.left(io);
        if (by.count() == 0) {
            reactor.schedule(retry, Reactor.NAP_NANOS);
        }
        return true;
    }

    /** Ends an I/O that is in no module; its submitter hears later in the round. */
    void end(BdevIo io, int status) {
        LaneChannel.note(io, LaneChannel.ENDING);
        turn.depth++;
        io.complete(status);
        turn.depth--;
    }

    /** The time: that of the round, unless latencies are measured. */
    long nowNanos() {
        return latencies == null ? reactor.nowNanos() : latencies.nowNanos();
    }

    /** Counts a submitter's I/O that has ended. */
    void count(BdevIo io, int status) {
        long now = nowNanos();
        counters.ended(io, status, now);
        if (latencies != null) {
            latencies.ended(io, now);
        }
    }

    /** Measures latencies from now on, or not when it is null. */
    void measure(Latencies latencies) {
        this.latencies = latencies;
    }

    /** Null while they are not measured. */
    Latencies latencies() {
        return latencies;
    }

    /** Somebody completed it: whether that ends it. */
    boolean left(BdevIo io, int status) {
        Attachment from = attachment;
        if (from != null && from.remove(io)) {
            return !gate.watches() || gate.left(io, status, from);
        }
        return gate.leftElsewhere(io, status);
    }

    /** After an I/O ended: those that wait may go on. */
    void settle() {
        if (waiting.size() != 0 && !pumping) {
            if (turn.depth == 0) {
                pump();
            } else if (!pumpSent) {
                pumpSent = true;
                reactor.defer(pumpLater);
            }
        }
    }

    /** Submits what waits, in order, until there is no room. */
    void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        while (gate.isOpen() && waiting.size() != 0) {
            BdevIo io = waiting.pollFirst();
            LaneChannel.note(io, LaneChannel.NOWHERE);
            if (!resume(io)) {
                LaneChannel.note(io, LaneChannel.WAITING);
                waiting.addFirst(io);
                break;
            }
        }
        pumping = false;
    }

    /** The device may have another size by now. */
    private boolean resume(BdevIo io) {
        if (checks.isOutside(io)) {
            end(io, Status.OUT_OF_RANGE);
            return true;
        }
        return start(io);
    }

    /** Tries to end an I/O that is in flight here; whether it was found. */
    boolean abort(BdevIo victim) {
        return switch (LaneChannel.noted(victim)) {
            case LaneChannel.WAITING -> abortWaiting(victim);
            case LaneChannel.SPLIT -> splits.abort(victim);
            case LaneChannel.JOB -> jobs.abort(victim);
            default -> gate.abortInModule(victim);
        };
    }

    private boolean abortWaiting(BdevIo victim) {
        gate.mergeRecalled();
        boolean found = waiting.remove(victim) || splits.removeWaiting(victim) || jobs.removeWaiting(victim)
            || locks.removeWaiting(victim) || gate.limiter.remove(victim);
        if (found) {
            end(victim, Status.ABORTED);
        }
        return found;
    }

    // Channels and module, by message.

    /** Counts a channel in, the first opens the module's. */
    void open(CoreChannel channel) throws StorageException {
        gate.refuseRemoved();
        if (attachment == null && module != null) {
            attachment = Attachment.open(this, module);
        }
        channels++;
        gate.enter(channel);
    }

    /** Counts a channel out, the last closes the module's. */
    void close(CoreChannel channel) {
        gate.leave(channel);
        channels--;
        closeSoonIfUnused();
    }

    /**
     * Nobody is left who submits: the module's channel is closed, once a reset that nobody waits for any more is out of it.
     * By message, since the module may be in the middle of ending the last I/O.
     */
    void closeSoonIfUnused() {
        if (isUnused()) {
            reactor.execute(this::closeIfUnused);
        }
    }

    private boolean isUnused() {
        return channels == 0 && attachment != null && attachment.count() == 0;
    }

    private void closeIfUnused() {
        if (isUnused()) {
            attachment.close();
            attachment = null;
        }
    }

    /** Channels that are open. */
    int channels() {
        return channels;
    }

    boolean isInUse() {
        return channels > 0;
    }

    /** The module is here, again. */
    void attach(ModuleBdev module) throws StorageException {
        if (channels > 0) {
            attachment = Attachment.open(this, module);
        }
        adopt(module);
    }

    /** The module goes. Gives its channel, which the caller closes; null when none is open. */
    Attachment detach() {
        Attachment was = attachment;
        attachment = null;
        module = null;
        return was;
    }

    /** The module, null while it is away. */
    ModuleBdev module() {
        return module;
    }

    void resize(long blocks) {
        checks.resize(blocks);
    }
}
