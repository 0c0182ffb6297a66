package dev.karst.env.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Sparse bytes against an array. */
class SparseBytesTest {
    private static final int BYTES = 40_000;

    @Test
    void shouldHoldWhatAnArrayHoldsAndHashByContentAlone() {
        for (int seed = 0; seed < 50; seed++) {
            var random = new SplittableRandom(seed);
            byte[] model = new byte[BYTES];
            SparseBytes bytes = new SparseBytes(BYTES);
            for (int step = 0; step < 100; step++) {
                int from = random.nextInt(BYTES);
                int length = random.nextInt(BYTES - from);
                if (random.nextBoolean()) {
                    bytes.zero(from, length);
                    Arrays.fill(model, from, from + length, (byte) 0);
                } else {
                    byte[] some = new byte[length];
                    random.nextBytes(some);
                    bytes.write(from, some, 0, length);
                    System.arraycopy(some, 0, model, from, length);
                }
                bytes = random.nextInt(10) == 0 ? bytes.fork() : bytes;
            }
            assertArrayEquals(model, bytes.read(0, BYTES));
            SparseBytes flat = new SparseBytes(BYTES);
            flat.write(0, model, 0, BYTES);
            assertEquals(flat.hash(), bytes.hash());
            assertEquals(bytes.copy().allocated(), bytes.allocated());
            flat.write(7, new byte[] {(byte) (model[7] + 1)}, 0, 1);
            assertNotEquals(flat.hash(), bytes.hash());
        }
    }
}
