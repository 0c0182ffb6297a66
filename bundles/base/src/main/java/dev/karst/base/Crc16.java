package dev.karst.base;

/**
 * The CRC-16 of T10 protection information over raw memory: polynomial 8BB7h, most significant bit first, from 0. SBC-4,
 * 4.22.4; NVM Command Set 1.1, 5.3.1.1. Eight bytes at a time. Any thread.
 */
public final class Crc16 {
    private static final int POLYNOMIAL = 0x8BB7;
    private static final int BYTES = 256;
    /** What a byte contributes that is followed by so many zero bytes: [following * 256 + byte]. */
    private static final char[] TABLE = table();

    private Crc16() {}

    private static char[] table() {
        char[] table = new char[Long.BYTES * BYTES];
        for (int value = 0; value < BYTES; value++) {
            int crc = value << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc << 1 ^ ((crc & 0x8000) == 0 ? 0 : POLYNOMIAL);
            }
            table[value] = (char) crc;
        }
        for (int at = BYTES; at < table.length; at++) {
            int before = table[at - BYTES];
            table[at] = (char) (before << 8 ^ table[before >>> 8]);
        }
        return table;
    }

    /** Goes on from {@code crc}, 0 at first, over {@code length} bytes of one registered region. */
    public static int update(int crc, long address, long length) {
        int value = crc;
        long at = address;
        long end = address + length;
        for (; end - at >= Long.BYTES; at += Long.BYTES) {
            value = word(value, Mem.getLong(at));
        }
        for (; at < end; at++) {
            value = value << 8 & 0xffff ^ TABLE[value >>> 8 ^ Mem.getU8(at)];
        }
        return value;
    }

    private static int word(int crc, long word) {
        return TABLE[7 * BYTES + (crc >>> 8 ^ (int) word & 0xff)]
            ^ TABLE[6 * BYTES + ((crc ^ (int) (word >>> 8)) & 0xff)]
            ^ TABLE[5 * BYTES + (int) (word >>> 16 & 0xff)]
            ^ TABLE[4 * BYTES + (int) (word >>> 24 & 0xff)]
            ^ TABLE[3 * BYTES + (int) (word >>> 32 & 0xff)]
            ^ TABLE[2 * BYTES + (int) (word >>> 40 & 0xff)]
            ^ TABLE[BYTES + (int) (word >>> 48 & 0xff)]
            ^ TABLE[(int) (word >>> 56)];
    }
}
