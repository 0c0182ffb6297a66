package dev.karst.bdev.lvol.spdk;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first 4096 bytes of a pool, little endian.
 *
 * <pre>
 *    0 signature "SPDKBLOB"       8 version        12 length of this block   16 whether shut down in order
 *   20 blob with the pool's name (64 bits)         28 bytes of a cluster     32 masks of pages and clusters: not read here
 *   48 first page of metadata    52 pages of it    56 kind of pool (16 bytes)    72 mask of blobs    76 pages of it
 *   80 bytes of the pool (64 bits)                 88 bytes of a block       92 bytes of a page; 0 for 4096
 * 4092 CRC-32C of what is before
 * </pre>
 */
record SuperBlock(
    boolean clean, long nameBlob, int clusterBytes, long metadataStart, long metadataPages, long blobMaskStart, long blobMaskPages,
    long clusters, int blockSize) {
    private static final byte[] SIGNATURE = "SPDKBLOB".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KIND = Arrays.copyOf("LVOLSTORE".getBytes(StandardCharsets.US_ASCII), 16);
    private static final int VERSION = 3;
    private static final int AT_VERSION = 8;
    private static final int AT_LENGTH = 12;
    private static final int AT_CLEAN = 16;
    private static final int AT_NAME_BLOB = 20;
    private static final int AT_CLUSTER_BYTES = 28;
    private static final int AT_METADATA_START = 48;
    private static final int AT_METADATA_PAGES = 52;
    private static final int AT_KIND = 56;
    private static final int AT_BLOB_MASK = 72;
    private static final int AT_BLOB_MASK_PAGES = 76;
    private static final int AT_BYTES = 80;
    private static final int AT_BLOCK_SIZE = 88;
    private static final int AT_PAGE_BYTES = 92;
    private static final int OLD_BLOCK_SIZE = 512;
    private static final long U32 = 0xffff_ffffL;

    /** Whether the page begins as such a block does. */
    static boolean isSigned(byte[] page) {
        return Arrays.equals(SIGNATURE, Arrays.copyOf(page, SIGNATURE.length));
    }

    /** @throws StorageException EINVAL, saying what is wrong */
    static SuperBlock of(byte[] page, PoolDisk disk) throws StorageException {
        ByteBuffer at = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        long version = at.getInt(AT_VERSION) & U32;
        check(disk, version == VERSION, "its version is " + version + ", and only 3 is read");
        check(disk, at.getInt(AT_LENGTH) == MetadataPage.BYTES && MetadataPage.isWhole(page), "its super block is damaged");
        long pageBytes = at.getInt(AT_PAGE_BYTES) & U32;
        check(disk, pageBytes == 0 || pageBytes == MetadataPage.BYTES, "its pages have " + pageBytes + " bytes, and only 4096 are read");
        check(disk, Arrays.equals(KIND, Arrays.copyOfRange(page, AT_KIND, AT_KIND + KIND.length)), "it holds no logical volumes");
        long cluster = at.getInt(AT_CLUSTER_BYTES);
        check(disk, cluster >= MetadataPage.BYTES && cluster % MetadataPage.BYTES == 0, "its clusters have " + cluster + " bytes");
        long bytes = at.getLong(AT_BYTES);
        check(disk, bytes > 0 && bytes <= disk.bytes(), "it has " + bytes + " bytes, and the disk " + disk.bytes());
        check(disk, bytes / cluster <= Integer.MAX_VALUE, "it has more than 2147483647 clusters");
        long start = at.getInt(AT_METADATA_START) & U32;
        long pages = at.getInt(AT_METADATA_PAGES) & U32;
        check(disk, start > 0 && pages > 0 && (start + pages) * MetadataPage.BYTES <= bytes, "its metadata lies beyond its end");
        long mask = at.getInt(AT_BLOB_MASK) & U32;
        long maskPages = at.getInt(AT_BLOB_MASK_PAGES) & U32;
        check(disk, mask + maskPages <= start, "its mask of blobs does not lie before its metadata");
        int blockSize = at.getInt(AT_BLOCK_SIZE) == 0 ? OLD_BLOCK_SIZE : at.getInt(AT_BLOCK_SIZE);
        check(disk, blockSize >= OLD_BLOCK_SIZE && Integer.bitCount(blockSize) == 1 && cluster % blockSize == 0,
            "its blocks have " + blockSize + " bytes");
        return new SuperBlock(
            at.getInt(AT_CLEAN) == 1, at.getLong(AT_NAME_BLOB), (int) cluster, start, pages, mask, maskPages, bytes / cluster, blockSize);
    }

    private static void check(PoolDisk disk, boolean right, String wrong) throws StorageException {
        if (!right) {
            throw StorageException.failure(Errno.EINVAL, "the SPDK pool on " + disk.name() + " is not read: " + wrong);
        }
    }

    /** The first cluster that may belong to a volume. */
    long firstDataCluster() {
        long metadataEnd = (metadataStart + metadataPages) * MetadataPage.BYTES;
        return (metadataEnd + clusterBytes - 1) / clusterBytes;
    }
}
