package dev.karst.bdev.core;

import dev.karst.base.Errno;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Timer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * An open channel of a module and the I/Os that are in it, each at a place that it knows itself. Whatever completes an
 * I/O that is not in here is refused. Looks for I/O that the module holds for too long: a timer while there is any.
 */
@ReactorConfined
final class Attachment {
    private static final int FIRST_SIZE = 16;
    private static final BdevIo[] NONE = {};
    /** How often it looks until I/O is held for too long; once more, and the module has not ended it although it was asked. */
    private static final int LOOKS = 4;

    final ModuleChannel channel;
    /** The place of an I/O that left it. */
    final int mark;
    private final Lane lane;
    private final CoreBdev bdev;
    private final ModuleBdev module;
    /** Opened by the module for itself: what is in flight there is not held by the module. */
    private final List<CoreChannel> below = new ArrayList<>(0);
    private final long periodNanos;
    private final Timer looking = new Timer() {
        @Override
        public void expired() {
            look();
        }
    };
    private BdevIo[] inside = new BdevIo[FIRST_SIZE];
    /** How many looks there had been when each came. */
    private int[] since = new int[FIRST_SIZE];
    private int looks;
    private int count;
    /** What the module is being given: noted only once it has taken it, since a fast device has ended it by then. Null for none. */
    private BdevIo entering;
    private CompletableFuture<Void> gone;

    private Attachment(Lane lane, ModuleBdev module) throws StorageException {
        this.lane = lane;
        this.bdev = lane.bdev;
        this.module = module;
        this.mark = lane.gate.nextMark();
        this.periodNanos = bdev.fencing.heldNanos() / LOOKS;
        Attachment outer = lane.turn.opening;
        lane.turn.opening = this;
        try {
            this.channel = module.openChannel(lane.reactor);
        } finally {
            lane.turn.opening = outer;
        }
    }

    /** Opens the module's channel. */
    static Attachment open(Lane lane, ModuleBdev module) throws StorageException {
        try {
            return new Attachment(lane, module);
        } catch (RuntimeException e) {
            CoreBdev bdev = lane.bdev;
            bdev.moduleThrew(module, e);
            throw StorageException.failure(
                Errno.EIO, "the module " + bdev.moduleName() + " threw " + e + " when it opened " + bdev.name()
                    + "; report it as a fault of the module");
        }
    }

    void standsOn(CoreChannel channel) {
        below.add(channel);
    }

    List<CoreChannel> below() {
        return below;
    }

    /** The module threw where it may not. */
    void threw(RuntimeException e) {
        bdev.moduleThrew(module, e);
    }

    void misbehaved(String how) {
        bdev.fencing.fault(bdev, module, how);
    }

    /** Asks the module to end the I/O soon. */
    void abort(BdevIo io) {
        try {
            channel.abort(io);
        } catch (RuntimeException e) {
            threw(e);
        }
    }

    /** Whether the module lets go of the I/O; one that throws does not. */
    boolean abandon(BdevIo io) {
        try {
            return channel.abandon(io);
        } catch (RuntimeException e) {
            threw(e);
            return false;
        }
    }

    /** Closes the module's channel, whatever the module makes of it. */
    void close() {
        lane.reactor.cancel(looking);
        try {
            channel.close();
        } catch (RuntimeException e) {
            threw(e);
        }
    }

    int count() {
        settle();
        return count;
    }

    BdevIo get(int index) {
        return inside[index];
    }

    /** The module is given the I/O now. */
    void enter(BdevIo io) {
        settle();
        entering = io;
    }

    /** The module has taken the I/O, and may have ended it. */
    void entered(BdevIo io) {
        if (entering == io) {
            settle();
        }
    }

    /** Whether the module has completed an I/O that was never noted here, inside its submission. */
    boolean hasDone(BdevIo io) {
        int status = Status.FAILED;
        try {
            status = channel.submit(io);
        } catch (RuntimeException e) {
            threw(e);
        }
        if (status == Status.OK && io.isInFlight()) {
            misbehaved("is immediate and did not end a " + io.type + " at once");
        }
        return status == Status.OK || !io.isInFlight();
    }

    /** Notes the one that the module is being given. */
    private void settle() {
        BdevIo io = entering;
        if (io != null) {
            entering = null;
            add(io);
        }
    }

    private void add(BdevIo io) {
        if (count == inside.length) {
            inside = Arrays.copyOf(inside, count * 2);
            since = Arrays.copyOf(since, count * 2);
        }
        inside[count] = io;
        since[count] = looks;
        LaneChannel.note(io, count++);
        if (periodNanos > 0 && !looking.isScheduled()) {
            lane.reactor.schedule(looking, periodNanos);
        }
    }

    /** Takes it out; false when it is not here. */
    boolean remove(BdevIo io) {
        int at = LaneChannel.noted(io);
        if (io == entering) {
            entering = null;
            if (at != mark) {
                LaneChannel.note(io, mark);
            }
            return true;
        }
        if (!holds(io, at)) {
            return false;
        }
        BdevIo last = inside[--count];
        inside[at] = last;
        since[at] = since[count];
        LaneChannel.note(last, at);
        inside[count] = null;
        LaneChannel.note(io, mark);
        return true;
    }

    boolean holds(BdevIo io) {
        settle();
        return holds(io, LaneChannel.noted(io));
    }

    private boolean holds(BdevIo io, int at) {
        return at >= 0 && at < count && inside[at] == io;
    }

    /** What is held for too long the module is asked to end; if it does not, it is fenced for that device. */
    private void look() {
        looks++;
        int lost = 0;
        for (BdevIo io : isIdleBelow() ? all() : NONE) {
            int seen = holds(io) ? looks - since[LaneChannel.noted(io)] : 0;
            if (seen == LOOKS + 1) {
                abort(io);
            } else if (seen > LOOKS + 1) {
                lost++;
            }
        }
        if (lost > 0) {
            bdev.fencing.lost(bdev, module, lost);
        }
        if (count() > 0 && !looking.isScheduled()) {
            lane.reactor.schedule(looking, periodNanos);
        }
    }

    private boolean isIdleBelow() {
        boolean idle = true;
        for (CoreChannel base : below) {
            idle &= base.inFlight() == 0;
        }
        return idle;
    }

    /** Closes the channel as soon as nothing is inside; {@code gone} is told. */
    void closeWhenEmpty(CompletableFuture<Void> gone) {
        this.gone = gone;
        closeIfEmpty();
    }

    /** After something left. */
    void closeIfEmpty() {
        if (count() == 0) {
            close();
            gone.complete(null);
        }
    }

    /** Those inside now. */
    BdevIo[] all() {
        return Arrays.copyOf(inside, count());
    }

    /** Asks the module to end all of them soon; it may complete some inside. */
    void abortAll() {
        for (BdevIo io : all()) {
            if (holds(io)) {
                abort(io);
            }
        }
    }
}
