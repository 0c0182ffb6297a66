package dev.karst.base;

/**
 * A CRC of up to 64 bits over raw memory whose least significant bit comes first, from all ones and inverted at the end. Eight
 * bytes at a time, by tables; for the CRC-32C of much data {@link Crc32c} is faster. Any thread.
 */
public final class ReflectedCrc {
    /** CRC-32C, polynomial 1EDC6F41h. RFC 3720, appendix B.4. */
    public static final ReflectedCrc CRC_32C = new ReflectedCrc(Integer.reverse(0x1EDC6F41) & 0xffff_ffffL, 0xffff_ffffL);
    /** CRC-64/NVME, polynomial AD93D23594C93659h. NVM Command Set 1.1, 5.3.1.3. */
    public static final ReflectedCrc CRC_64_NVME = new ReflectedCrc(Long.reverse(0xAD93D23594C93659L), -1);

    private static final int BYTES = 256;

    /** What a byte contributes that is followed by so many zero bytes: [following * 256 + byte]. */
    private final long[] table = new long[Long.BYTES * BYTES];
    private final long ones;

    private ReflectedCrc(long polynomial, long ones) {
        this.ones = ones;
        for (int value = 0; value < BYTES; value++) {
            long crc = value;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc >>> 1 ^ ((crc & 1) == 0 ? 0 : polynomial);
            }
            table[value] = crc;
        }
        for (int at = BYTES; at < table.length; at++) {
            long before = table[at - BYTES];
            table[at] = before >>> 8 ^ table[(int) before & 0xff];
        }
    }

    /** Goes on from {@code crc}, 0 at first, over {@code length} bytes of one registered region. */
    public long update(long crc, long address, long length) {
        long value = crc ^ ones;
        long at = address;
        long end = address + length;
        for (; end - at >= Long.BYTES; at += Long.BYTES) {
            value = word(value ^ Mem.getLong(at));
        }
        for (; at < end; at++) {
            value = value >>> 8 ^ table[(int) (value ^ Mem.getByte(at)) & 0xff];
        }
        return value ^ ones;
    }

    /** That of so many zero bytes. */
    public long ofZeros(long length) {
        long value = ones;
        for (long left = length; left > 0; left--) {
            value = value >>> 8 ^ table[(int) value & 0xff];
        }
        return value ^ ones;
    }

    private long word(long word) {
        return table[7 * BYTES + (int) (word & 0xff)]
            ^ table[6 * BYTES + (int) (word >>> 8 & 0xff)]
            ^ table[5 * BYTES + (int) (word >>> 16 & 0xff)]
            ^ table[4 * BYTES + (int) (word >>> 24 & 0xff)]
            ^ table[3 * BYTES + (int) (word >>> 32 & 0xff)]
            ^ table[2 * BYTES + (int) (word >>> 40 & 0xff)]
            ^ table[BYTES + (int) (word >>> 48 & 0xff)]
            ^ table[(int) (word >>> 56)];
    }
}
