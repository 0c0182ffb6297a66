package dev.karst.bdev.module;

import dev.karst.base.Status;
import dev.karst.bdev.Metadata;
import java.util.List;
import java.util.UUID;

/**
 * What a block device is, said by its module. The block layer splits I/O to the limits, so a channel never sees more.
 *
 * @param name unique
 * @param aliases further names
 * @param uuid unique
 * @param productName what people call this kind
 * @param blockSize bytes of data, a power of two from 512 to 65536, plus those of metadata that is interleaved
 * @param physicalBlockSize bytes, a multiple of the block size
 * @param blocks how many
 * @param limits what one I/O may be
 * @param metadata what is kept with each block
 * @param readOnly whether nothing can be written
 * @param volatileCache whether writes may be lost until a FLUSH
 * @param unmapReadsZeroes whether an unmapped range reads as zeros
 */
public record Geometry(
    String name, List<String> aliases, UUID uuid, String productName, int blockSize, int physicalBlockSize, long blocks,
    Limits limits, Metadata metadata, boolean readOnly, boolean volatileCache, boolean unmapReadsZeroes) {
    /**
     * What one I/O may be.
     *
     * @param maxTransferBlocks most blocks of an I/O with data; 0 for no limit
     * @param maxSegments most memory pairs of an I/O with data; 0 for {@link dev.karst.bdev.BdevIo#MAX_SEGMENTS}
     * @param maxUnmapBlocks most blocks of an UNMAP or WRITE_ZEROES; 0 for no limit
     * @param maxCopyBlocks most blocks of a COPY; 0 for no limit
     * @param memoryAlignment what addresses and lengths of the data must be multiples of; a power of two, 1 for any
     * @param boundaryBlocks no READ or WRITE crosses a multiple of so many blocks; a power of two, 0 for no boundary
     * @param writeUnitBlocks what a WRITE must be a multiple of, in place and size; 1 for any
     */
    public record Limits(
        long maxTransferBlocks, int maxSegments, long maxUnmapBlocks, long maxCopyBlocks, int memoryAlignment,
        long boundaryBlocks, int writeUnitBlocks) {
        /** No limits. */
        public static final Limits NONE = new Limits(0, 0, 0, 0, 1, 0, 1);

        /** The same with an optimal boundary and a write unit. */
        public Limits cut(long boundaryBlocks, int writeUnitBlocks) {
            return new Limits(
                maxTransferBlocks, maxSegments, maxUnmapBlocks, maxCopyBlocks, memoryAlignment, boundaryBlocks,
                writeUnitBlocks);
        }
    }

    /** A plain device: no limits, no cache, no promise about unmapped ranges. */
    public static Geometry of(String name, UUID uuid, String productName, int blockSize, long blocks) {
        return new Geometry(
            name, List.of(), uuid, productName, blockSize, blockSize, blocks, Limits.NONE, Metadata.NONE, false, false,
            false);
    }

    /** The same with limits on one I/O. */
    public Geometry limited(Limits limits) {
        return new Geometry(
            name, aliases, uuid, productName, blockSize, physicalBlockSize, blocks, limits, metadata, readOnly,
            volatileCache, unmapReadsZeroes);
    }

    /** The same with these limits, and none of the others. */
    public Geometry limited(long maxTransferBlocks, int maxSegments, long maxUnmapBlocks, int memoryAlignment) {
        return limited(new Limits(maxTransferBlocks, maxSegments, maxUnmapBlocks, 0, memoryAlignment, 0, 1));
    }

    /** The same with so many blocks. */
    public Geometry sized(long blocks) {
        return new Geometry(
            name, aliases, uuid, productName, blockSize, physicalBlockSize, blocks, limits, metadata, readOnly,
            volatileCache, unmapReadsZeroes);
    }

    /** The same with metadata, which is in the block size already if it is interleaved. */
    public Geometry keeping(Metadata metadata) {
        return new Geometry(
            name, aliases, uuid, productName, blockSize, physicalBlockSize, blocks, limits, metadata, readOnly,
            volatileCache, unmapReadsZeroes);
    }

    /** The same with these qualities. */
    public Geometry with(int physicalBlockSize, boolean readOnly, boolean volatileCache, boolean unmapReadsZeroes) {
        return new Geometry(
            name, aliases, uuid, productName, blockSize, physicalBlockSize, blocks, limits, metadata, readOnly,
            volatileCache, unmapReadsZeroes);
    }

    /** {@link Status#OK} when the range lies within the device; safe against wrap-around. */
    public int checkRange(long offsetBlocks, long count) {
        boolean inside = offsetBlocks >= 0 && count >= 0 && offsetBlocks <= blocks && count <= blocks - offsetBlocks;
        return inside ? Status.OK : Status.OUT_OF_RANGE;
    }
}
