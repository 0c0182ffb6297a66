package dev.karst.bdev.lvol.disk;

/**
 * Where a page lies and which one it must be: 16 bytes on disk. A page that is torn, stale or lies elsewhere does not fit its
 * pointer.
 *
 * @param page its number
 * @param crc the CRC-32C that it carries
 * @param generation the commit that wrote it
 */
public record Pointer(int page, int crc, long generation) {
    public static final int BYTES = 16;
    public static final Pointer NONE = new Pointer(0, 0, 0);

    /** Whether there is no page. */
    public boolean isNone() {
        return generation == 0;
    }

    public static Pointer read(byte[] page, int offset) {
        int number = Bytes.getInt(page, offset);
        int crc = Bytes.getInt(page, offset + 4);
        long generation = Bytes.getLong(page, offset + 8);
        return generation == 0 ? NONE : new Pointer(number, crc, generation);
    }

    public void write(byte[] page, int offset) {
        Bytes.setInt(page, offset, this.page);
        Bytes.setInt(page, offset + 4, crc);
        Bytes.setLong(page, offset + 8, generation);
    }
}
