package dev.karst.bdev.lvol.disk;

import java.util.UUID;

/**
 * A page of metadata: 4096 bytes, little endian.
 *
 * <pre>
 *  0  magic "KLVP"          16  generation: the commit that wrote it
 *  4  CRC-32C of bytes 8 on 24  UUID of the store
 *  8  kind                  40  number of the leaf or node within its level
 *  9  level above leaves    44  zeros
 * 12  its own number        48  body
 * </pre>
 */
public final class Page {
    public static final int BYTES = 4096;
    public static final int BODY = 48;
    /** A volume. */
    public static final int HEADER = 1;
    /** The numbers of clusters. */
    public static final int EXTENTS = 2;
    /** Pointers to pages of the directory of volumes. */
    public static final int DIRECTORY_NODE = 3;
    /** Pointers to pages of extents. */
    public static final int EXTENTS_NODE = 4;

    private static final int MAGIC = 'K' | 'L' << 8 | 'V' << 16 | 'P' << 24;
    private static final int CRC = 4;
    private static final int KIND = 8;
    private static final int LEVEL = 9;
    private static final int NUMBER = 12;
    private static final int GENERATION = 16;
    private static final int STORE = 24;
    private static final int INDEX = 40;

    /** What a page is: its kind, its level and its place within it. */
    public record Identity(int kind, int level, int index) {}

    private Page() {}

    /** Writes the head of a page whose body is there, and gives the pointer to it. */
    public static Pointer seal(byte[] page, Identity identity, UUID store, int number, long generation) {
        Bytes.setInt(page, 0, MAGIC);
        page[KIND] = (byte) identity.kind();
        page[LEVEL] = (byte) identity.level();
        Bytes.setInt(page, NUMBER, number);
        Bytes.setLong(page, GENERATION, generation);
        Bytes.setUuid(page, STORE, store);
        Bytes.setInt(page, INDEX, identity.index());
        int crc = Bytes.crc(page, KIND, BYTES);
        Bytes.setInt(page, CRC, crc);
        return new Pointer(number, crc, generation);
    }

    /** What is wrong with a page that the pointer led to; null if it is the one. */
    public static String fault(byte[] page, Identity identity, UUID store, Pointer pointer) {
        if (Bytes.getInt(page, 0) != MAGIC) {
            return "no page of metadata";
        } else if (Bytes.getInt(page, CRC) != Bytes.crc(page, KIND, BYTES)) {
            return "its CRC does not fit its contents";
        } else if (Bytes.getInt(page, CRC) != pointer.crc() || Bytes.getLong(page, GENERATION) != pointer.generation()) {
            return "another page than the one that was written last";
        } else if (Bytes.getInt(page, NUMBER) != pointer.page() || !Bytes.getUuid(page, STORE).equals(store)) {
            return "a page that belongs elsewhere";
        }
        boolean same = Bytes.getU8(page, KIND) == identity.kind() && Bytes.getU8(page, LEVEL) == identity.level()
            && Bytes.getInt(page, INDEX) == identity.index();
        return same ? null : "a page of another kind or place than expected";
    }
}
