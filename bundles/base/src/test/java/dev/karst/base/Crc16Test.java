package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Crc16Test {
    private static final int BYTES = 4096;

    private final Scratch memory = new Scratch(BYTES);

    @AfterEach
    void free() {
        memory.close();
    }

    private int of(byte[] bytes) {
        memory.put(bytes);
        return Crc16.update(0, memory.address(), bytes.length);
    }

    /** The check value of CRC-16/T10-DIF in the catalogues. */
    @Test
    void shouldGiveTheCheckValueWhenOverTheNineDigits() {
        assertEquals(0xD0DB, of("123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }

    /** SBC-4, table of examples: 32 bytes of 00h, of FFh, and 00h to 1Fh. */
    @Test
    void shouldGiveTheStandardsValuesWhenOverItsExamples() {
        byte[] bytes = new byte[32];
        assertEquals(0, of(bytes));
        java.util.Arrays.fill(bytes, (byte) 0xff);
        assertEquals(0xA293, of(bytes));
        for (int i = 0; i < 32; i++) {
            bytes[i] = (byte) i;
        }
        assertEquals(0x0224, of(bytes));
    }

    @Test
    void shouldGiveTheSameWhenCutAnywhere() {
        byte[] bytes = new byte[BYTES];
        new SplittableRandom(1).nextBytes(bytes);
        int whole = of(bytes);
        for (int cut = 0; cut < 40; cut++) {
            int first = Crc16.update(0, memory.address(), cut);
            assertEquals(whole, Crc16.update(first, memory.address() + cut, BYTES - cut), "cut at " + cut);
        }
    }
}
