package dev.karst.itests.lvol;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What the blocks of a volume may hold: for each the lowest and the highest stamp. A block says its stamp and its place in every eight
 * bytes; one that was never written is zeros and has stamp 0.
 */
record Stamps(long[] lowest, long[] highest) {
    static final int BLOCK_BYTES = 512;

    /** One block with a stamp. */
    static void fill(ByteBuffer target, int block, long stamp) {
        target.putLong(stamp);
        for (int i = Long.BYTES; i < BLOCK_BYTES; i += Long.BYTES) {
            target.putLong(mark(block, stamp));
        }
    }

    private static long mark(int block, long stamp) {
        return stamp * (2L * block + 1);
    }

    /**
     * The stamps of blocks that were read.
     *
     * @param first the block at the beginning of {@code data}
     * @throws AssertionError when a block holds what it may not, with all that is known of it
     */
    long[] check(String what, int first, byte[] data) {
        ByteBuffer found = ByteBuffer.wrap(data);
        long[] stamps = new long[data.length / BLOCK_BYTES];
        for (int i = 0; i < stamps.length; i++) {
            int block = first + i;
            stamps[i] = found.getLong();
            for (int at = Long.BYTES; at < BLOCK_BYTES; at += Long.BYTES) {
                long mark = found.getLong();
                if (mark != mark(block, stamps[i])) {
                    throw new AssertionError("%s, block %d: byte %d does not fit stamp %d: %x".formatted(what, block, at, stamps[i], mark));
                }
            }
            if (stamps[i] < lowest[block] || stamps[i] > highest[block]) {
                throw new AssertionError(
                    "%s, block %d: stamp %d is not in %d..%d".formatted(what, block, stamps[i], lowest[block], highest[block]));
            }
        }
        return stamps;
    }

    /** From now on it holds just this. */
    static Stamps exactly(long[] stamps) {
        return new Stamps(stamps, stamps);
    }

    /** How many of them are above the lowest. */
    long above(long[] stamps) {
        return IntStream.range(0, stamps.length).filter(i -> stamps[i] > lowest[i]).count();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Stamps stamps && Arrays.equals(lowest, stamps.lowest) && Arrays.equals(highest, stamps.highest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(lowest) ^ Arrays.hashCode(highest);
    }
}
