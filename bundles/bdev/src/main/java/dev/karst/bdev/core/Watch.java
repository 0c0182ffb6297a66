package dev.karst.bdev.core;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevIo;
import dev.karst.reactor.Timer;
import java.util.Arrays;

/**
 * Looks for I/O of one channel that takes longer than its owner wants, and tells the owner once of each. One timer for all of
 * it, while there is any.
 */
@ReactorConfined
final class Watch extends Timer {
    private static final int FIRST_SIZE = 16;
    private static final int LOOKS_PER_TIMEOUT = 8;
    private static final long LEAST_NANOS = 1_000_000;
    private static final long MOST_NANOS = 1_000_000_000;

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
