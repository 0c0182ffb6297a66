package dev.karst.bdev.core;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.limit.Limiter;
import dev.karst.bdev.core.limit.RateLimit;
import dev.karst.bdev.core.measure.Counters;
import dev.karst.bdev.core.measure.Latencies;
import dev.karst.bdev.core.ring.IoRing;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import java.util.Arrays;

/**
 * All that one reactor has to do with one device: the module's channel, the I/Os in it, those that wait, and the {@link
 * LaneGate}. The channels of all descriptors on this reactor share it.
 */
@ReactorConfined
final class Lane {
    private static final int TYPES = IoType.values().length;

    /** Submits what waits, outside of whatever made room. */
    private static final class PumpLater extends Message {
        private final Lane lane;
        private boolean sent;

        PumpLater(Lane lane) {
            this.lane = lane;
        }

        @Override
        public void run() {
            sent = false;
            lane.pump();
        }
    }

    /** Submits what waits when no completion will do so. */
    private static final class Retry extends Timer {
        private final Lane lane;

        Retry(Lane lane) {
            this.lane = lane;
        }

        @Override
        public void expired() {
            lane.pump();
        }
    }

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
            return io.blocks << lane.blockShift;
        }
    }

    final CoreBdev bdev;
    final Reactor reactor;
    final LaneChannel.Turn turn;
    final Counters counters = new Counters();
    /** Null while they are not measured. */
    private Latencies latencies;
    final LaneGate gate = new LaneGate(this);
    final InnerChannel inner;
    final Splits splits;
    final Split.Zeroes zeroes;
    final IoRing waiting = new IoRing();
    final Limiter limiter;
    private final PumpLater pumpLater = new PumpLater(this);
    private final Retry retry = new Retry(this);
    private boolean pumping;
    private int channels;

    /** Null while the module is away. */
    private ModuleBdev module;
    /** Null while the module is away or no channel is open. */
    private Attachment attachment;

    private long blocks;
    private int blockShift;
    private long alignmentMask;
    private int maxSegments;
    /** By type: the most blocks that the module takes; 0 for a type that it does not do. */
    private final long[] most = new long[TYPES];
    private int supported;

    Lane(CoreBdev bdev, Reactor reactor, LaneChannel.Turn turn, ModuleBdev module, Split.Zeroes zeroes) {
        this.bdev = bdev;
        this.reactor = reactor;
        this.turn = turn;
        this.zeroes = zeroes;
        this.inner = new InnerChannel(this);
        this.splits = new Splits(this);
        this.limiter = new HeldBack(this);
        adopt(module);
    }

    private void adopt(ModuleBdev module) {
        Geometry geometry = module.geometry();
        this.module = module;
        blocks = geometry.blocks();
        blockShift = Integer.numberOfTrailingZeros(geometry.blockSize());
        alignmentMask = geometry.limits().memoryAlignment() - 1;
        maxSegments = geometry.limits().maxSegments() == 0 ? BdevIo.MAX_SEGMENTS : geometry.limits().maxSegments();
        Arrays.fill(most, 0);
        supported = 0;
        for (IoType type : IoType.values()) {
            if (module.supports(type) || type == IoType.READ) {
                most[type.ordinal()] = limit(geometry, type);
            }
            if (Capabilities.accepts(module, type)) {
                supported |= 1 << type.ordinal();
            }
        }
    }

    private long limit(Geometry geometry, IoType type) {
        long limit = switch (type) {
            case READ, WRITE, COMPARE, COMPARE_AND_WRITE -> geometry.limits().maxTransferBlocks();
            case UNMAP, WRITE_ZEROES -> geometry.limits().maxUnmapBlocks();
            case COPY -> geometry.limits().maxCopyBlocks();
            default -> 0;
        };
        long unit = type.hasData() ? Math.max(1, geometry.limits().memoryAlignment() >> blockShift) : 1;
        return limit == 0 ? Long.MAX_VALUE >> blockShift : limit - limit % unit;
    }

    long mostBlocks(IoType type) {
        return most[type.ordinal()];
    }

    int maxSegments() {
        return maxSegments;
    }

    int blockShift() {
        return blockShift;
    }

    boolean isRemoved() {
        return gate.isRemoved();
    }

    Attachment attachment() {
        return attachment;
    }

    boolean needsZeroes(BdevIo io) {
        return io.type == IoType.WRITE_ZEROES && mostBlocks(IoType.WRITE_ZEROES) == 0;
    }

    // The I/O path.

    /** Whether the I/O can be done at all. */
    int check(BdevIo io, boolean writable) {
        IoType type = io.type;
        if (gate.isRemoved()) {
            return Status.REMOVED;
        }
        if ((supported >>> type.ordinal() & 1) == 0) {
            return Status.NOT_SUPPORTED;
        }
        if (!type.hasRange()) {
            return Status.OK;
        }
        if (isOutside(io)) {
            return Status.OUT_OF_RANGE;
        }
        if (type.hasData() && !isDataRight(io)) {
            return Status.INVALID;
        }
        return writable || !type.writes() ? Status.OK : Status.READ_ONLY;
    }

    private boolean isOutside(BdevIo io) {
        long offset = io.offsetBlocks;
        return offset < 0 || io.blocks < 0 || offset > blocks || io.blocks > blocks - offset;
    }

    private boolean isDataRight(BdevIo io) {
        IoVector data = io.data;
        return data.bytes() == io.blocks << blockShift && (alignmentMask == 0 || isAligned(data));
    }

    private boolean isAligned(IoVector data) {
        long bits = 0;
        for (int i = 0; i < data.count(); i++) {
            bits |= data.address(i) | data.length(i);
        }
        return (bits & alignmentMask) == 0;
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
        } else if (gate.isRemoved()) {
            end(io, Status.REMOVED);
        } else if (!limiter.holds(io)) {
            takeAllowed(io);
        }
    }

    /** Takes one that no rate limit holds back any more. */
    void takeAllowed(BdevIo io) {
        if (gate.isRemoved()) {
            end(io, Status.REMOVED);
        } else if (!gate.isOpen() || waiting.size() != 0 || !resume(io)) {
            await(io);
        }
    }

    /** Takes one of the layer's own, already cut to the module's limits. */
    void takeInner(BdevIo io) {
        if (gate.isRemoved()) {
            end(io, Status.REMOVED);
        } else if (isOutside(io)) {
            end(io, Status.OUT_OF_RANGE);
        } else if (!gate.isOpen() || waiting.size() != 0 || !hand(io)) {
            await(io);
        }
    }

    private void await(BdevIo io) {
        LaneChannel.note(io, LaneChannel.WAITING);
        waiting.addLast(io);
    }

    /** Whether it has been started, or ended, and needs no more waiting. */
    private boolean start(BdevIo io) {
        boolean plain = io.blocks <= most[io.type.ordinal()] && io.blocks > 0
            && (io.data.count() <= maxSegments || !io.type.hasData());
        return plain ? hand(io) : startSpecially(io);
    }

    private boolean startSpecially(BdevIo io) {
        if (io.type == IoType.FLUSH) {
            return mostBlocks(IoType.FLUSH) == 0 ? endAtOnce(io) : hand(io);
        }
        if (io.blocks == 0) {
            return endAtOnce(io);
        }
        splits.take(io);
        return true;
    }

    private boolean endAtOnce(BdevIo io) {
        end(io, Status.OK);
        return true;
    }

    /** Submits to the module; false when it has no room. */
    boolean hand(BdevIo io) {
        Attachment to = attachment;
        to.add(io);
        turn.depth++;
        int status;
        try {
            status = to.channel.submit(io);
        } catch (RuntimeException e) {
            status = Status.FAILED;
            bdev.moduleThrew(e);
        } finally {
            turn.depth--;
        }
        return status == Status.OK || !isRefusedForNow(to, io, status);
    }

    private boolean isRefusedForNow(Attachment by, BdevIo io, int status) {
        if (!by.remove(io)) {
            LaneChannel.stray();
            return false;
        }
        if (status != Status.NO_RESOURCE) {
            end(io, status);
            return false;
        }
        counters.waited();
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
            } else if (!pumpLater.sent) {
                pumpLater.sent = true;
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
        if (isOutside(io)) {
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
            default -> gate.abortInModule(victim);
        };
    }

    private boolean abortWaiting(BdevIo victim) {
        gate.mergeRecalled();
        boolean found = waiting.remove(victim) || splits.removeWaiting(victim) || limiter.remove(victim);
        if (found) {
            end(victim, Status.ABORTED);
        }
        return found;
    }

    // Channels and module, by message.

    /** Counts a channel in, the first opens the module's. */
    void open(CoreChannel channel) throws StorageException {
        gate.refuseRemoved();
        if (channels == 0 && module != null) {
            attachment = Attachment.open(bdev, module, reactor);
        }
        channels++;
        gate.enter(channel);
    }

    /** Counts a channel out, the last closes the module's. */
    void close(CoreChannel channel) {
        gate.leave(channel);
        if (--channels == 0 && attachment != null) {
            attachment.close();
            attachment = null;
        }
    }

    boolean isInUse() {
        return channels > 0;
    }

    /** The module is here, again. */
    void attach(ModuleBdev module) throws StorageException {
        if (channels > 0) {
            attachment = Attachment.open(bdev, module, reactor);
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

    /** A rate limit holds from now on, or none when it is null. */
    void limit(RateLimit limit) {
        gate.limit(limit != null);
        limiter.set(limit);
    }

    void resize(long blocks) {
        this.blocks = blocks;
    }
}
