package dev.karst.bdev.testkit;

import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * What {@link RandomIo} does, and what it puts up with.
 *
 * @param depth most I/Os in flight
 * @param count how many I/Os
 * @param piece what the lengths of memory pieces are multiples of
 * @param disturbs whether there are aborts and resets among them
 * @param tolerated statuses that an I/O may end with, besides those that follow from aborts and resets
 * @param whenFlushed hears the number of each acknowledged flush, from 0
 */
public record IoMix(
    int depth, int count, int piece, boolean disturbs, IntPredicate tolerated, IntConsumer whenFlushed) {
    private static final int HUNDRED = 100;

    /** Reads, writes, flushes, unmaps, zeroing, comparing and copying, as far as the device does them, that must all succeed. */
    public static IoMix of(int depth, int count) {
        return new IoMix(depth, count, 512, false, status -> false, number -> {});
    }

    /** The same with aborts and resets. */
    public IoMix disturbed() {
        return new IoMix(depth, count, piece, true, tolerated, whenFlushed);
    }

    /** The same, when these may fail. */
    public IoMix tolerating(IntPredicate tolerated) {
        return new IoMix(depth, count, piece, disturbs, tolerated, whenFlushed);
    }

    /** The same, telling of flushes. */
    public IoMix telling(IntConsumer whenFlushed) {
        return new IoMix(depth, count, piece, disturbs, tolerated, whenFlushed);
    }

    boolean tolerates(int status) {
        return tolerated.test(status);
    }

    void flushed(int number) {
        whenFlushed.accept(number);
    }

    IoType pick(SplittableRandom random, Bdev bdev) {
        IoType type = pickAny(random.nextInt(HUNDRED));
        boolean can = bdev.supports(type) && !(bdev.readOnly() && type.writes());
        return can ? type : IoType.READ;
    }

    private IoType pickAny(int roll) {
        if (roll < 5) {
            return IoType.FLUSH;
        } else if (roll < 12) {
            return IoType.UNMAP;
        } else if (roll < 19) {
            return IoType.WRITE_ZEROES;
        } else if (roll < 24 && disturbs) {
            return IoType.ABORT;
        } else if (roll < 25 && disturbs) {
            return IoType.RESET;
        }
        return roll < 62 ? IoType.WRITE : pickComparing(roll);
    }

    /** What looks at data in other ways than by reading it. */
    private static IoType pickComparing(int roll) {
        return switch (roll) {
            case 80, 81, 82, 83 -> IoType.COMPARE;
            case 84, 85, 86, 87 -> IoType.COMPARE_AND_WRITE;
            case 88, 89, 90, 91 -> IoType.COPY;
            case 92 -> IoType.VERIFY;
            default -> IoType.READ;
        };
    }
}
