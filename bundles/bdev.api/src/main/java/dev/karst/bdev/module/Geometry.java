package dev.karst.bdev.module;

import dev.karst.base.Status;
import java.util.List;
import java.util.UUID;

/**
 * What a block device is, said by its module. The block layer splits I/O to the limits, so a channel never sees more.
 *
 * @param name unique
 * @param aliases further names
 * @param uuid unique
 * @param productName what people call this kind
 * @param blockSize bytes, a power of two from 512 to 65536
 * @param physicalBlockSize bytes, a multiple of the block size
 * @param blocks how many
 * @param maxTransferBlocks most blocks of a READ or WRITE; 0 for no limit
 * @param maxSegments most memory pairs of a READ or WRITE; 0 for {@link dev.karst.bdev.BdevIo#MAX_SEGMENTS}
 * @param maxUnmapBlocks most blocks of an UNMAP or WRITE_ZEROES; 0 for no limit
 * @param memoryAlignment what addresses and lengths of the data must be multiples of; a power of two, 1 for any
 * @param readOnly whether nothing can be written
 * @param volatileCache whether writes may be lost until a FLUSH
 * @param unmapReadsZeroes whether an unmapped range reads as zeros
 */
public record Geometry(
    String name, List<String> aliases, UUID uuid, String productName, int blockSize, int physicalBlockSize, long blocks,
    long maxTransferBlocks, int maxSegments, long maxUnmapBlocks, int memoryAlignment, boolean readOnly,
    boolean volatileCache, boolean unmapReadsZeroes) {
    /** A plain device: no limits, no cache, no promise about unmapped ranges. */
    public static Geometry of(String name, UUID uuid, String productName, int blockSize, long blocks) {
        return new Geometry(
            name, List.of(), uuid, productName, blockSize, blockSize, blocks, 0, 0, 0, 1, false, false, false);
    }

    /** The same with limits on one I/O. */
    public Geometry limited(long maxTransferBlocks, int maxSegments, long maxUnmapBlocks, int memoryAlignment) {
        return new Geometry(
            name, aliases, uuid, productName, blockSize, physicalBlockSize, blocks, maxTransferBlocks, maxSegments,
            maxUnmapBlocks, memoryAlignment, readOnly, volatileCache, unmapReadsZeroes);
    }

    /** The same with these qualities. */
    public Geometry with(int physicalBlockSize, boolean readOnly, boolean volatileCache, boolean unmapReadsZeroes) {
        return new Geometry(
            name, aliases, uuid, productName, blockSize, physicalBlockSize, blocks, maxTransferBlocks, maxSegments,
            maxUnmapBlocks, memoryAlignment, readOnly, volatileCache, unmapReadsZeroes);
    }

    /** {@link Status#OK} when the range lies within the device; safe against wrap-around. */
    public int checkRange(long offsetBlocks, long count) {
        boolean inside = offsetBlocks >= 0 && count >= 0 && offsetBlocks <= blocks && count <= blocks - offsetBlocks;
        return inside ? Status.OK : Status.OUT_OF_RANGE;
    }
}
