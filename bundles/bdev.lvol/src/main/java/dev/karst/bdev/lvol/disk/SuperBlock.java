package dev.karst.bdev.lvol.disk;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The root of all: 4096 bytes, little endian, in the pages {@link #FIRST} and {@link #SECOND}, which hold the same.
 *
 * <pre>
 *  0  magic "KARSTLVS"           48  clear method
 *  8  CRC-32C of bytes 12 on     49  bytes of the name
 * 12  version: 1                 50  name, UTF-8, up to 64 bytes
 * 16  UUID of the store        4048  number of clusters of the disk
 * 32  bytes in a cluster       4052  clusters from here on were never used and read as zeros
 * 36  pages of metadata        4056  pages from here on were never used
 * 40  generation               4060  slots of the directory
 *                              4064  pointer to the root of the directory
 * </pre>
 *
 * The generation stands in the first sector, what it brings in the last: one that is torn contradicts itself.
 *
 * @param clusters of the whole disk, those of the metadata included: cluster n lies at n times the cluster size
 * @param metadataPages page n lies at n times 4096
 */
public record SuperBlock(
    UUID uuid, String name, int clusterSize, int metadataPages, ClearMethod clearMethod,
    long generation, int clusters, int freshClusters, int freshPages, int slots, Pointer directory) {

    public static final int FIRST = 0;
    public static final int SECOND = 16;
    public static final int VERSION = 1;
    /** Most bytes of the name of a store or volume. */
    public static final int NAME_BYTES = 64;

    private static final long MAGIC = 'K' | 'A' << 8 | 'R' << 16 | (long) 'S' << 24
        | (long) 'T' << 32 | (long) 'L' << 40 | (long) 'V' << 48 | (long) 'S' << 56;
    private static final int CRC = 8;
    private static final int CHECKED = 12;

    /** The number of the first cluster that is for data. */
    public int firstCluster() {
        return (int) (((long) metadataPages * Page.BYTES + clusterSize - 1) / clusterSize);
    }

    public byte[] encode() {
        byte[] page = new byte[Page.BYTES];
        Bytes.setLong(page, 0, MAGIC);
        Bytes.setInt(page, CHECKED, VERSION);
        Bytes.setUuid(page, 16, uuid);
        Bytes.setInt(page, 32, clusterSize);
        Bytes.setInt(page, 36, metadataPages);
        page[48] = (byte) clearMethod.ordinal();
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        page[49] = (byte) text.length;
        System.arraycopy(text, 0, page, 50, text.length);
        Bytes.setLong(page, 40, generation);
        Bytes.setInt(page, 4048, clusters);
        Bytes.setInt(page, 4052, freshClusters);
        Bytes.setInt(page, 4056, freshPages);
        Bytes.setInt(page, 4060, slots);
        directory.write(page, 4064);
        Bytes.setInt(page, CRC, Bytes.crc(page, CHECKED, Page.BYTES));
        return page;
    }

    /** The same of another generation. */
    public SuperBlock of(long another) {
        return new SuperBlock(
            uuid, name, clusterSize, metadataPages, clearMethod, another, clusters, freshClusters, freshPages, slots, directory);
    }

    /** Whether it claims to be a super block. */
    public static boolean claims(byte[] page) {
        return Bytes.getLong(page, 0) == MAGIC;
    }

    public static long generation(byte[] page) {
        return Bytes.getLong(page, 40);
    }

    /** Whether its CRC fits. */
    public static boolean isWhole(byte[] page) {
        return Bytes.getInt(page, CRC) == Bytes.crc(page, CHECKED, Page.BYTES);
    }

    /**
     * Reads one that is whole.
     *
     * @throws StorageException EILSEQ: its version is not ours, or its figures contradict each other or the disk
     */
    public static SuperBlock decode(byte[] page, long diskBytes) throws StorageException {
        int version = Bytes.getInt(page, CHECKED);
        require(version == VERSION, "its version is " + version + ", and this program knows " + VERSION);
        int nameBytes = Bytes.getU8(page, 49);
        int clear = Bytes.getU8(page, 48);
        require(nameBytes <= NAME_BYTES && clear < ClearMethod.values().length, "its name or clear method is none");
        var block = new SuperBlock(
            Bytes.getUuid(page, 16), new String(page, 50, nameBytes, StandardCharsets.UTF_8), Bytes.getInt(page, 32),
            Bytes.getInt(page, 36), ClearMethod.values()[clear], Bytes.getLong(page, 40), Bytes.getInt(page, 4048),
            Bytes.getInt(page, 4052), Bytes.getInt(page, 4056), Bytes.getInt(page, 4060), Pointer.read(page, 4064));
        block.check(diskBytes);
        return block;
    }

    private void check(long diskBytes) throws StorageException {
        require(clusterSize > 0 && clusterSize % Page.BYTES == 0, "a cluster of " + clusterSize + " bytes");
        require(metadataPages > SECOND && clusters > 0, "it has no room for metadata or data");
        require((long) clusters * clusterSize <= diskBytes,
            "it needs " + (long) clusters * clusterSize + " bytes, and the device has " + diskBytes);
        require(firstCluster() < clusters, "its metadata fill the whole device");
        require(freshClusters >= firstCluster() && freshClusters <= clusters, "clusters in use end at " + freshClusters);
        require(freshPages > 0 && freshPages <= metadataPages, "pages in use end at " + freshPages);
        require(generation > 0 && slots >= 0 && slots <= clusters + metadataPages, slots + " slots in generation " + generation);
    }

    private static void require(boolean holds, String otherwise) throws StorageException {
        if (!holds) {
            throw StorageException.failure(Errno.EINVAL, "the super block cannot be used: " + otherwise);
        }
    }
}
