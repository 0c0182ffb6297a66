package dev.karst.bdev.malloc;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.Protection;
import dev.karst.bdev.module.Geometry;

/**
 * Where a device's blocks lie in its memory: one behind the other, metadata that is interleaved behind the data of each,
 * metadata that is kept apart behind all blocks. Read and written by all reactors.
 */
@ReactorConfined
final class MallocStore {
    private final long base;
    private final int blockSize;
    private final int dataBytes;
    private final Metadata metadata;
    private final long metadataBase;
    private final int metadataStride;
    private final long guardOfZeros;

    /** In memory at {@code base}, which has {@link #bytes}. */
    MallocStore(Geometry geometry, long base) {
        this.base = base;
        blockSize = geometry.blockSize();
        metadata = geometry.metadata();
        dataBytes = metadata.interleaved() ? blockSize - metadata.bytes() : blockSize;
        metadataBase = metadata.interleaved() ? base + dataBytes : base + geometry.blocks() * blockSize;
        metadataStride = metadata.interleaved() ? blockSize : metadata.bytes();
        guardOfZeros = metadata.layout().guardOfZeros(dataBytes + Protection.offset(metadata));
    }

    /** Bytes of memory that such a device takes. */
    static long bytes(Geometry geometry) {
        Metadata metadata = geometry.metadata();
        return geometry.blocks() * (geometry.blockSize() + (metadata.interleaved() ? 0 : metadata.bytes()));
    }

    /** Address of a block. */
    long at(long block) {
        return base + block * blockSize;
    }

    /** Bytes of so many blocks, without metadata that is kept apart. */
    long bytes(long blocks) {
        return blocks * blockSize;
    }

    /** Address of a block's metadata. */
    long metadataAt(long block) {
        return metadataBase + block * metadataStride;
    }

    /** Bytes of the metadata of so many blocks, if it is kept apart; else 0. */
    long apartBytes(long blocks) {
        return metadata.interleaved() ? 0 : blocks * metadata.bytes();
    }

    /** Zeros everywhere, and protection information that fits them. */
    void format(long blocks) {
        protect(0, blocks, false);
    }

    /**
     * The range reads as zeros, its metadata too; protection information says that it is not to be checked, since
     * nobody chose its tags. NVM Command Set 1.1, 3.2.3.2.1.
     */
    void zero(long block, long blocks) {
        Mem.fill(at(block), bytes(blocks), (byte) 0);
        if (apartBytes(blocks) > 0) {
            Mem.fill(metadataAt(block), apartBytes(blocks), (byte) 0);
        }
        protect(block, blocks, true);
    }

    private void protect(long block, long blocks, boolean escaped) {
        if (metadata.protection() == 0) {
            return;
        }
        int offset = Protection.offset(metadata);
        int applicationTag = escaped ? Protection.ESCAPE : 0;
        for (long at = block; at < block + blocks; at++) {
            long referenceTag = escaped ? Protection.REFERENCE_ESCAPE : at;
            metadata.layout().write(metadataAt(at) + offset, guardOfZeros, applicationTag, referenceTag);
        }
    }

    /** Copies blocks with their metadata; protection information is moved to its new place. */
    void copy(long source, long target, long blocks) {
        Mem.copy(at(source), at(target), bytes(blocks));
        if (apartBytes(blocks) > 0) {
            Mem.copy(metadataAt(source), metadataAt(target), apartBytes(blocks));
        }
        for (long at = target; metadata.protection() != 0 && at < target + blocks; at++) {
            Protection.move(metadata, metadataAt(at), at);
        }
    }
}
