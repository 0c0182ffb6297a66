package dev.karst.nvmf.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The first bytes of any PDU against what may be assumed of those that are let through. {@link #fuzzerTestOneInput} is also the
 * entry for a fuzzer that is guided by coverage.
 */
class PduChecksFuzzTest {
    private static final int INPUTS = 400_000;
    private static final int DATA_MAX = 131_072;
    /** Type, flags, HLEN, PDO, PLEN of PDUs that are right, and the digests in use. */
    private static final int[][] CORPUS = {
        {0x00, 0, 128, 0, 128, 0}, {0x02, 0, 24, 0, 152, 0}, {0x04, 0, 72, 0, 72, 0}, {0x04, 0, 72, 72, 4168, 0},
        {0x04, 1, 72, 76, 4172, 1}, {0x04, 3, 72, 76, 4176, 3}, {0x04, 2, 72, 72, 588, 2}, {0x06, 4, 24, 24, 8216, 0},
        {0x06, 5, 24, 28, 8220, 1}, {0x06, 7, 24, 28, 8224, 3}, {0x06, 4, 24, 128, 640, 0}, {0x06, 6, 24, 24, 131_100, 2}};
    private static final int[] EDGES = {0, 1, 2, 3, 4, 7, 8, 23, 24, 28, 31, 32, 71, 72, 73, 76, 127, 128, 255};

    /** What is tested: the check of the first 8 bytes, which gives 0 or a fault. */
    @FunctionalInterface
    interface Check {
        long common(long header, int digests, int dataMax);
    }

    /** One input: 8 bytes of a PDU, the digests in use, and what follows in an ICReq. */
    public static void fuzzerTestOneInput(byte[] input) {
        byte[] whole = Arrays.copyOf(input, 1 + IcReq.BYTES);
        try (Arena arena = Arena.ofConfined()) {
            long header = arena.allocate(IcReq.BYTES, 8).address();
            Mem.register(header, IcReq.BYTES);
            try {
                Mem.put(header, whole, 0, Pdu.BYTES);
                Mem.put(header + Pdu.BYTES, whole, 1 + Pdu.BYTES, IcReq.BYTES - Pdu.BYTES);
                hold(PduChecks::common, header, whole[Pdu.BYTES] & 3);
                holdIcReq(PduChecks::icReq, header);
            } finally {
                Mem.unregister(header);
            }
        }
    }

    /** An ICReq is let through if, and only if, its format is 0 and its alignment one that there is. */
    private static void holdIcReq(LongUnaryOperator check, long pdu) {
        int format = Mem.getU16(pdu + 8);
        int alignment = Mem.getByte(pdu + 10) & 0xff;
        long expected = format != 0 ? PduSyntax.fault(1, 8) : alignment > 31 ? PduSyntax.fault(1, 10) : PduSyntax.NONE;
        assertEquals(expected, check.applyAsLong(pdu), "format " + format + ", alignment " + alignment);
    }

    private static void playIcReq(LongUnaryOperator check, int inputs) {
        SplittableRandom random = new SplittableRandom(1);
        try (Arena arena = Arena.ofConfined()) {
            long pdu = arena.allocate(IcReq.BYTES, 8).address();
            Mem.register(pdu, IcReq.BYTES);
            try {
                for (int i = 0; i < inputs; i++) {
                    Mem.setByte(pdu + 8 + random.nextInt(2), (byte) (random.nextInt(4) == 0 ? random.nextInt() : 0));
                    Mem.setByte(pdu + 10, (byte) EDGES[random.nextInt(EDGES.length)]);
                    Mem.setByte(pdu + 11, (byte) random.nextInt());
                    holdIcReq(check, pdu);
                }
            } finally {
                Mem.unregister(pdu);
            }
        }
    }

    @Test
    void shouldTakeOnlyIcReqsThatCanBeMetWhenInputsAreMutated() {
        playIcReq(PduChecks::icReq, 10_000);
    }

    @Test
    void shouldFindEachMissingCheckOfAnIcReqWhenItIsPlanted() {
        for (long ignored : new long[] {PduSyntax.fault(1, 8), PduSyntax.fault(1, 10)}) {
            assertThrows(AssertionError.class, () -> playIcReq(pdu -> {
                long fault = PduChecks.icReq(pdu);
                return fault == ignored ? PduSyntax.NONE : fault;
            }, 1000));
        }
    }

    /** Fails when something is let through that the receiver could not live with, or refused without a place. */
    private static void hold(Check check, long header, int digests) {
        long fault = check.common(header, digests, DATA_MAX);
        if (fault != PduSyntax.NONE) {
            boolean isPlace = PduSyntax.fes(fault) == 1 && PduSyntax.fei(fault) >= 0 && PduSyntax.fei(fault) <= 4
                || PduSyntax.fes(fault) == 5 && PduSyntax.fei(fault) == 4;
            assertTrue(isPlace, "a fault without a place");
            return;
        }
        int type = Pdu.TYPE.get(header);
        long plen = Pdu.PLEN.get(header);
        int hlen = Map.of(0, 128, 2, 24, 4, 72, 6, 24).getOrDefault(type, -1);
        assertEquals(hlen, Pdu.HLEN.get(header), "HLEN of type " + type);
        if (type == Pdu.ICREQ || type == Pdu.H2C_TERM_REQ) {
            assertTrue(plen >= hlen && plen <= 152, "PLEN " + plen + " of type " + type);
            return;
        }
        int end = hlen + (digests & IcReq.HDGST_ENABLE) * Pdu.DIGEST_BYTES;
        int data = PduSyntax.dataLength(header, digests);
        int digest = data > 0 ? (digests >> 1) * Pdu.DIGEST_BYTES : 0;
        int pdo = Pdu.PDO.get(header);
        assertTrue(data >= 0 && data <= DATA_MAX, data + " bytes of data");
        assertEquals(plen, data > 0 ? pdo + data + digest : end, "bytes that belong to nothing");
        assertTrue(data == 0 || pdo >= end && pdo % 4 == 0, "PDO " + pdo);
        int flags = Pdu.FLAGS.get(header);
        assertEquals(digests & IcReq.HDGST_ENABLE, flags & Pdu.HDGSTF, "HDGSTF");
        assertTrue(data == 0 || (digests & IcReq.DDGST_ENABLE) == (flags & Pdu.DDGSTF), "DDGSTF");
    }

    /** Inputs near those of the corpus; some are no PDU at all. */
    private static void play(Check check, int inputs) {
        SplittableRandom random = new SplittableRandom(1);
        try (Arena arena = Arena.ofConfined()) {
            long header = arena.allocate(Pdu.BYTES, 8).address();
            Mem.register(header, Pdu.BYTES);
            try {
                for (int i = 0; i < inputs; i++) {
                    int digests = compose(random, header);
                    hold(check, header, digests);
                }
            } finally {
                Mem.unregister(header);
            }
        }
    }

    private static int compose(SplittableRandom random, long header) {
        int[] seed = CORPUS[random.nextInt(CORPUS.length)];
        long word = seed[0] | seed[1] << 8 | seed[2] << 16 | (long) seed[3] << 24 | (long) seed[4] << 32;
        Mem.setLong(header, word);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            switch (random.nextInt(5)) {
                case 0 -> Mem.setLong(header, Mem.getLong(header) ^ 1L << random.nextInt(64));
                case 1 -> Mem.setByte(header + random.nextInt(8), (byte) EDGES[random.nextInt(EDGES.length)]);
                case 2 -> Mem.setInt(header + 4, Mem.getInt(header + 4) + random.nextInt(-9, 10));
                case 3 -> Mem.setInt(header + 4, random.nextInt());
                default -> Mem.setByte(header + 3, (byte) random.nextInt());
            }
        }
        return random.nextInt(4) == 0 ? random.nextInt(4) : seed[5];
    }

    @Test
    void shouldLetNothingThroughThatCannotBeWhenInputsAreMutated() {
        play(PduChecks::common, INPUTS);
    }

    @Test
    void shouldTakeAllOfTheCorpus() {
        try (Arena arena = Arena.ofConfined()) {
            long header = arena.allocate(Pdu.BYTES, 8).address();
            Mem.register(header, Pdu.BYTES);
            for (int[] seed : CORPUS) {
                Mem.setLong(header, seed[0] | seed[1] << 8 | seed[2] << 16 | (long) seed[3] << 24 | (long) seed[4] << 32);
                assertEquals(PduSyntax.NONE, PduChecks.common(header, seed[5], DATA_MAX), "type " + seed[0]);
            }
            Mem.unregister(header);
        }
    }

    @Test
    void shouldFindEachMissingCheckWhenItIsPlanted() {
        Map<String, Check> planted = new LinkedHashMap<>();
        planted.put("HLEN is not looked at", ignoring(PduSyntax.fault(1, 2)));
        planted.put("flags are not looked at", ignoring(PduSyntax.fault(1, 1)));
        planted.put("PDO is not looked at", ignoring(PduSyntax.fault(1, 3)));
        planted.put("PLEN is not looked at", ignoring(PduSyntax.fault(1, 4)));
        planted.put("data may have any length", ignoring(PduSyntax.fault(5, 4)));
        planted.put("types are not looked at", ignoring(PduSyntax.fault(1, 0)));
        planted.put("a fault elsewhere", (header, digests, most) -> {
            long fault = PduChecks.common(header, digests, most);
            return fault == PduSyntax.fault(1, 3) ? PduSyntax.fault(1, 77) : fault;
        });
        List<String> unnoticed = new ArrayList<>();
        planted.forEach((bug, check) -> {
            if (!isFound(check)) {
                unnoticed.add(bug);
            }
        });
        assertEquals(List.of(), unnoticed);
    }

    private static Check ignoring(long ignored) {
        return (header, digests, most) -> {
            long fault = PduChecks.common(header, digests, most);
            return fault == ignored ? PduSyntax.NONE : fault;
        };
    }

    private static boolean isFound(Check check) {
        try {
            play(check, 20_000);
            return false;
        } catch (AssertionError | IllegalArgumentException e) {
            return true;
        }
    }
}
