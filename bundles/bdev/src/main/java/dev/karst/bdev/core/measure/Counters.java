package dev.karst.bdev.core.measure;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.BdevStatistics;
import dev.karst.bdev.IoType;
import java.util.Arrays;

/**
 * What one lane has done, in plain figures that its reactor alone writes. Others read them as they are: each figure is
 * whole and at most slightly old, and figures read together need not be of the same moment.
 */
@ReactorConfined
public final class Counters {
    private static final int TYPES = IoType.values().length;
    private static final int OUTCOMES = Outcome.values().length;

    private final long[] blocks = new long[TYPES];
    private final long[] ios = new long[TYPES];
    private final long[] nanos = new long[TYPES];
    private final long[] longest = new long[TYPES];
    private final long[] shortest = new long[TYPES];
    private final long[] failures = new long[OUTCOMES];
    private long waited;
    private long outstanding;

    /** An I/O was accepted. */
    public void begun() {
        outstanding++;
    }

    /** An I/O that was accepted ended. */
    public void ended(BdevIo io, int status, long nowNanos) {
        outstanding--;
        done(io, status, nowNanos);
    }

    /** An I/O began and ended. */
    public void done(BdevIo io, int status, long nowNanos) {
        if (status != Status.OK) {
            failures[Outcome.of(status).ordinal()]++;
            return;
        }
        int type = io.type.ordinal();
        long took = Math.max(0, nowNanos - io.startNanos());
        blocks[type] += io.blocks;
        if (took > 0) {
            nanos[type] += took;
            longest[type] = Math.max(longest[type], took);
        }
        if (ios[type]++ == 0 || took < shortest[type]) {
            shortest[type] = took;
        }
    }

    /** A module had no room for an I/O. */
    public void waited() {
        waited++;
    }

    public void reset() {
        for (long[] figures : new long[][] {blocks, ios, nanos, longest, shortest}) {
            Arrays.fill(figures, 0);
        }
        waited = 0;
        resetFailures();
    }

    public void resetFailures() {
        Arrays.fill(failures, 0);
    }

    /** Another with the same figures. */
    public Counters copy() {
        Counters copy = new Counters();
        copy.add(this);
        return copy;
    }

    /** Forgets the longest and the shortest. */
    public void resetExtremes() {
        for (int type = 0; type < TYPES; type++) {
            longest[type] = 0;
            shortest[type] = Long.MAX_VALUE;
        }
    }

    /** Adds another lane's figures to these; control threads, on a sum of their own. */
    public void add(Counters other) {
        for (int type = 0; type < TYPES; type++) {
            if (other.ios[type] > 0 && (ios[type] == 0 || other.shortest[type] < shortest[type])) {
                shortest[type] = other.shortest[type];
            }
            blocks[type] += other.blocks[type];
            ios[type] += other.ios[type];
            nanos[type] += other.nanos[type];
            longest[type] = Math.max(longest[type], other.longest[type]);
        }
        for (int outcome = 0; outcome < OUTCOMES; outcome++) {
            failures[outcome] += other.failures[outcome];
        }
        outstanding += other.outstanding;
        waited += other.waited;
    }

    public long blocks(IoType type) {
        return blocks[type.ordinal()];
    }

    public long ios(IoType type) {
        return ios[type.ordinal()];
    }

    public long nanos(IoType type) {
        return nanos[type.ordinal()];
    }

    public long longestNanos(IoType type) {
        return longest[type.ordinal()];
    }

    public long shortestNanos(IoType type) {
        long nanos = shortest[type.ordinal()];
        return nanos == Long.MAX_VALUE ? 0 : nanos;
    }

    public long failures(Outcome outcome) {
        return failures[outcome.ordinal()];
    }

    public long errors() {
        long errors = 0;
        for (long failed : failures) {
            errors += failed;
        }
        return errors;
    }

    /** I/Os that were accepted and have not ended. */
    public long outstanding() {
        return outstanding;
    }

    public BdevStatistics statistics(int blockSize) {
        return new BdevStatistics(
            blocks(IoType.READ) * blockSize, ios(IoType.READ), nanos(IoType.READ), blocks(IoType.WRITE) * blockSize,
            ios(IoType.WRITE), nanos(IoType.WRITE), blocks(IoType.UNMAP) * blockSize, ios(IoType.UNMAP),
            nanos(IoType.UNMAP), ios(IoType.FLUSH), nanos(IoType.FLUSH), blocks(IoType.WRITE_ZEROES) * blockSize,
            ios(IoType.WRITE_ZEROES), blocks(IoType.COPY) * blockSize, ios(IoType.COPY), nanos(IoType.COPY), errors(),
            waited);
    }
}
