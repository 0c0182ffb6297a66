package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemTest {
    private static final int BYTES = 4096;

    private final Arena arena = Arena.ofConfined();
    private long base;

    @BeforeEach
    void register() {
        base = arena.allocate(BYTES, 64).address();
        Mem.register(base, BYTES);
    }

    @AfterEach
    void unregister() {
        Mem.unregister(base);
        arena.close();
    }

    @Test
    void shouldReadLittleEndianWhenWrittenByteByByte() {
        for (int i = 0; i < 8; i++) {
            Mem.setByte(base + 3 + i, (byte) (i + 1));
        }
        assertEquals(0x0807_0605_0403_0201L, Mem.getLong(base + 3));
        assertEquals(0x0403_0201, Mem.getInt(base + 3));
        assertEquals(0x0201, Mem.getU16(base + 3));
    }

    @Test
    void shouldRefuseAccessWhenItReachesPastARegion() {
        Mem.setLong(base + BYTES - 8, 1);
        assertThrows(IndexOutOfBoundsException.class, () -> Mem.getLong(base + BYTES - 7));
        assertThrows(IndexOutOfBoundsException.class, () -> Mem.getByte(base - 1));
        assertThrows(IndexOutOfBoundsException.class, () -> Mem.copy(base, base + 1, BYTES));
        assertThrows(IndexOutOfBoundsException.class, () -> Mem.fill(base, -1, (byte) 0));
    }

    @Test
    void shouldRefuseALengthWhenItWrapsAround() {
        assertFalse(Mem.isRegistered(base, Long.MAX_VALUE));
        assertFalse(Mem.isRegistered(base + 8, -8));
        assertTrue(Mem.isRegistered(base, BYTES));
    }

    @Test
    void shouldRefuseARegionWhenItOverlapsAnother() {
        assertThrows(IllegalArgumentException.class, () -> Mem.register(base + 8, 8));
        assertThrows(IllegalArgumentException.class, () -> Mem.register(base - 8, 16));
        assertThrows(IllegalArgumentException.class, () -> Mem.register(base, BYTES));
        assertThrows(IllegalArgumentException.class, () -> Mem.unregister(base + 8));
    }

    @Test
    void shouldCopyAndCompareWhenRangesOverlap() {
        for (int i = 0; i < 100; i++) {
            Mem.setByte(base + i, (byte) i);
        }
        Mem.copy(base, base + 10, 90);
        for (int i = 0; i < 90; i++) {
            assertEquals((byte) i, Mem.getByte(base + 10 + i));
        }
        Mem.copy(base + 10, base + 1000, 90);
        assertTrue(Mem.equal(base + 10, base + 1000, 90));
        Mem.setByte(base + 1089, (byte) 7);
        assertFalse(Mem.equal(base + 10, base + 1000, 90));
    }

    @Test
    void shouldGiveTheDigestOfTheJdkWhenDataIsInPieces() {
        byte[] data = new byte[1000];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 31);
        }
        Mem.put(base + 5, data, 0, data.length);
        CRC32C expected = new CRC32C();
        expected.update(data);
        IoVector pieces = new IoVector(4);
        pieces.add(base + 5, 1);
        pieces.add(base + 6, 511);
        pieces.add(base + 517, 488);
        Crc32c crc = new Crc32c();
        crc.update(pieces);
        assertEquals((int) expected.getValue(), crc.value());
        assertEquals((int) expected.getValue(), crc.of(base + 5, data.length));
    }

    @Test
    void shouldGiveTheKnownDigestWhenDataIsThatOfTheStandard() {
        // RFC 3720, B.4: 32 bytes of zeros, and 32 bytes of ones.
        Mem.fill(base, 32, (byte) 0);
        assertEquals(0x8a9136aa, new Crc32c().of(base, 32));
        Mem.fill(base, 32, (byte) 0xff);
        assertEquals(0x62a8ab43, new Crc32c().of(base, 32));
    }
}
