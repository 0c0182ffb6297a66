package dev.karst.bdev.lvol.spdk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * One page of the metadata, little endian: 0 the blob's id (64 bits), 8 place in the chain of the blob's pages, 16 descriptors (each a
 * byte that says what it is, its length in 32 bits, and so many bytes), 4088 next page of the chain, 4092 CRC-32C of what is before.
 */
record MetadataPage(ByteBuffer bytes) {
    static final int BYTES = 4096;
    /** Instead of a page's number: none. */
    static final long NONE = 0xffff_ffffL;
    /** Set in each blob's id, beside the number of its first page. */
    static final long ID_BIT = 1L << 32;

    private static final int AT_PLACE = 8;
    private static final int AT_DESCRIPTORS = 16;
    private static final int AT_NEXT = 4088;
    private static final int AT_CRC = 4092;

    static MetadataPage of(byte[] page) {
        return new MetadataPage(ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Whether the CRC at the end fits the page. */
    static boolean isWhole(byte[] page) {
        var crc = new CRC32C();
        crc.update(page, 0, AT_CRC);
        return (int) crc.getValue() == ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).getInt(AT_CRC);
    }

    long id() {
        return bytes.getLong(0);
    }

    /** 0 for the first page of a blob, and for one with extents. */
    int place() {
        return bytes.getInt(AT_PLACE);
    }

    /** The next page of the blob's chain, or {@link #NONE}. */
    long next() {
        return bytes.getInt(AT_NEXT) & NONE;
    }

    /** All descriptors, one behind the other. */
    ByteBuffer descriptors() {
        return bytes.slice(AT_DESCRIPTORS, AT_NEXT - AT_DESCRIPTORS).order(ByteOrder.LITTLE_ENDIAN);
    }
}
