package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.reactor.Timer;
import java.lang.System.Logger.Level;
import java.util.Arrays;

/**
 * Looks for I/O of one channel that takes longer than its owner wants, and tells the owner once of each. One timer for all of
 * it, while there is any.
 */
@ReactorConfined
final class Watch extends Timer {
    private static final System.Logger LOG = System.getLogger(Watch.class.getName());

    private static final int FIRST_SIZE = 16;
    private static final int LOOKS_PER_TIMEOUT = 8;
    private static final long LEAST_NANOS = 1_000_000;
    private static final long MOST_NANOS = 1_000_000_000;

    /** What is done with I/O that takes long and whose owner does not watch it. */
    static final class Unwatched implements BdevEvents {
        private final String action;

        Unwatched(String action) {
            this.action = action;
        }

        @Override
        public void removed() {
            // Only told of what takes long.
        }

        @Override
        public void overdue(BdevChannel channel, BdevIo io) {
            LOG.log(Level.WARNING, "{0} of {1} takes too long; {2}", io.type, channel.bdev().name(), action);
            if (action.equals("abort")) {
                submit(channel, IoType.ABORT, io);
            } else if (action.equals("reset") && io.type != IoType.RESET) {
                submit(channel, IoType.RESET, null);
            }
        }

        private static void submit(BdevChannel channel, IoType type, BdevIo victim) {
            var io = new BdevIo(0) {
                @Override
                protected void ended(int status) {
                    // Whose I/O it is hears of that.
                }
            };
            io.type = type;
            io.victim = victim;
            channel.submit(io);
        }
    }

    private final CoreChannel channel;
    private final BdevEvents owner;
    private final long timeoutNanos;
    private final long periodNanos;
    private BdevIo[] inside = new BdevIo[FIRST_SIZE];
    private boolean[] told = new boolean[FIRST_SIZE];
    private int count;

    Watch(CoreChannel channel, BdevEvents owner, long timeoutMs) {
        this.channel = channel;
        this.owner = owner;
        this.timeoutNanos = timeoutMs * 1_000_000;
        this.periodNanos = Math.clamp(timeoutNanos / LOOKS_PER_TIMEOUT, LEAST_NANOS, MOST_NANOS);
    }

    void begun(BdevIo io) {
        if (count == inside.length) {
            inside = Arrays.copyOf(inside, count * 2);
            told = Arrays.copyOf(told, count * 2);
        }
        inside[count] = io;
        told[count] = false;
        LaneChannel.remark(io, count++);
        if (!isScheduled()) {
            channel.reactor.schedule(this, periodNanos);
        }
    }

    /** It may have begun before there was a watch. */
    void ended(BdevIo io) {
        int at = LaneChannel.marked(io);
        if (at < count && inside[at] == io) {
            BdevIo last = inside[--count];
            inside[at] = last;
            told[at] = told[count];
            LaneChannel.remark(last, at);
            inside[count] = null;
        }
    }

    /** While the owner is told, it may end this one and others: what moves to a smaller place was told before. */
    @Override
    public void expired() {
        long now = channel.reactor.nowNanos();
        for (int i = count - 1; i >= 0; i--) {
            if (i < count && !told[i] && now - inside[i].startNanos() >= timeoutNanos) {
                told[i] = true;
                owner.overdue(channel, inside[i]);
            }
        }
        if (count > 0 && !isScheduled()) {
            channel.reactor.schedule(this, periodNanos);
        }
    }

    /** There is another, or none. */
    void close() {
        channel.reactor.cancel(this);
        count = 0;
    }
}
