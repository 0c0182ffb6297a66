package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReflectedCrcTest {
    private static final int BYTES = 4096;

    /** A CRC and what makes it up. */
    private record Kind(ReflectedCrc crc, int bits, long polynomial) {}

    private static final Kind CRC_32C = new Kind(ReflectedCrc.CRC_32C, 32, 0x1EDC6F41L);
    private static final Kind CRC_64 = new Kind(ReflectedCrc.CRC_64_NVME, 64, 0xAD93D23594C93659L);

    private final Scratch memory = new Scratch(BYTES);

    static Stream<Kind> kinds() {
        return Stream.of(CRC_32C, CRC_64);
    }

    @AfterEach
    void free() {
        memory.close();
    }

    private long of(ReflectedCrc crc, byte[] bytes) {
        memory.put(bytes);
        return crc.update(0, memory.address(), bytes.length);
    }

    private long ofBlock(ReflectedCrc crc, IntUnaryOperator byteAt) {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = (byte) byteAt.applyAsInt(i);
        }
        return of(crc, bytes);
    }

    /** Bit by bit, most significant first over bytes turned round, as the standard describes it. */
    private static long slowly(Kind kind, byte[] bytes) {
        long top = 1L << kind.bits - 1;
        long mask = -1L >>> Long.SIZE - kind.bits;
        long crc = mask;
        for (byte each : bytes) {
            for (int bit = 0; bit < 8; bit++) {
                boolean one = (each >> bit & 1) != 0;
                boolean out = (crc & top) != 0;
                crc = crc << 1 & mask ^ (one != out ? kind.polynomial : 0);
            }
        }
        return (Long.reverse(crc) >>> Long.SIZE - kind.bits) ^ mask;
    }

    /** The check values of CRC-32/ISCSI and CRC-64/NVME in the catalogues. */
    @Test
    void shouldGiveTheCheckValueWhenOverTheNineDigits() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertEquals(0xE3069283L, of(ReflectedCrc.CRC_32C, digits));
        assertEquals(0xAE8B14860A799888L, of(ReflectedCrc.CRC_64_NVME, digits));
    }

    /** NVM Command Set 1.1, 5.3.1.2 and 5.3.1.3: test cases for a block of 4 KiB. */
    @Test
    void shouldGiveTheStandardsValuesWhenOverItsExamples() {
        assertEquals(0x98F94189L, ofBlock(ReflectedCrc.CRC_32C, _ -> 0));
        assertEquals(0x25C1FE13L, ofBlock(ReflectedCrc.CRC_32C, _ -> 0xff));
        assertEquals(0x9C71FE32L, ofBlock(ReflectedCrc.CRC_32C, i -> i));
        assertEquals(0x214941A8L, ofBlock(ReflectedCrc.CRC_32C, i -> 0xff - i));
        assertEquals(0x6482D367EB22B64EL, ofBlock(ReflectedCrc.CRC_64_NVME, _ -> 0));
        assertEquals(0xC0DDBA7302ECA3ACL, ofBlock(ReflectedCrc.CRC_64_NVME, _ -> 0xff));
        assertEquals(0x3E729F5F6750449CL, ofBlock(ReflectedCrc.CRC_64_NVME, i -> i));
        assertEquals(0x9A2DF64B8E9E517EL, ofBlock(ReflectedCrc.CRC_64_NVME, i -> 0xff - i));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldGiveWhatIsFoundBitByBitWhenOverAnything(Kind kind) {
        var random = new SplittableRandom(1);
        for (int length = 0; length < 70; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertEquals(slowly(kind, bytes), of(kind.crc, bytes), length + " bytes");
            assertEquals(slowly(kind, new byte[length]), kind.crc.ofZeros(length), length + " zeros");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldGiveTheSameWhenCutAnywhere(Kind kind) {
        byte[] bytes = new byte[BYTES];
        new SplittableRandom(1).nextBytes(bytes);
        long whole = of(kind.crc, bytes);
        for (int cut = 0; cut < 40; cut++) {
            long first = kind.crc.update(0, memory.address(), cut);
            assertEquals(whole, kind.crc.update(first, memory.address() + cut, BYTES - cut), "cut at " + cut);
        }
    }
}
