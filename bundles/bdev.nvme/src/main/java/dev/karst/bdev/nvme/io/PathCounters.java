package dev.karst.bdev.nvme.io;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.IoType;
import java.util.Arrays;

/** What went over one path of a reactor, by type of I/O: READ, WRITE, UNMAP and COPY are counted. */
@ReactorConfined
public final class PathCounters {
    private static final int TYPES = IoType.values().length;

    private final long[] ios = new long[TYPES];
    private final long[] blocks = new long[TYPES];
    private final long[] nanos = new long[TYPES];
    private final long[] longest = new long[TYPES];
    private final long[] shortest = new long[TYPES];

    void count(IoType type, long blocks, long nanos) {
        int at = type.ordinal();
        this.blocks[at] += blocks;
        this.nanos[at] += nanos;
        longest[at] = Math.max(longest[at], nanos);
        shortest[at] = ios[at]++ == 0 ? nanos : Math.min(shortest[at], nanos);
    }

    /** How many ended well. */
    public long ios(IoType type) {
        return ios[type.ordinal()];
    }

    /** How many of all types. */
    public long ios() {
        return Arrays.stream(ios).sum();
    }

    public long blocks(IoType type) {
        return blocks[type.ordinal()];
    }

    /** How long all of them took. */
    public long nanos(IoType type) {
        return nanos[type.ordinal()];
    }

    public long longestNanos(IoType type) {
        return longest[type.ordinal()];
    }

    public long shortestNanos(IoType type) {
        return shortest[type.ordinal()];
    }

    /** Adds what another reactor's path counted. */
    public void add(PathCounters other) {
        for (int at = 0; at < TYPES; at++) {
            boolean none = ios[at] == 0 || other.ios[at] == 0;
            shortest[at] = none ? Math.max(shortest[at], other.shortest[at]) : Math.min(shortest[at], other.shortest[at]);
            longest[at] = Math.max(longest[at], other.longest[at]);
            ios[at] += other.ios[at];
            blocks[at] += other.blocks[at];
            nanos[at] += other.nanos[at];
        }
    }
}
