package dev.karst.bdev.nullblk;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.Protection;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleChannel;

/**
 * Ends every I/O inside its submission. A read fills the buffer with zeros, unless its submitter is content to be told of
 * them: left as it was, it could carry somebody else's data to whoever reads.
 */
@ReactorConfined
final class NullChannel extends ModuleChannel {
    private final int blockSize;
    private final Metadata metadata;

    NullChannel(Geometry geometry) {
        blockSize = geometry.blockSize();
        metadata = geometry.metadata();
    }

    @Override
    public int submit(BdevIo io) {
        if (io.type == IoType.READ) {
            read(io);
        }
        io.complete(Status.OK);
        return Status.OK;
    }

    private void read(BdevIo io) {
        if (io.takesZeros && metadata.bytes() == 0) {
            io.zeros = true;
            return;
        }
        zero(io.data);
        if (metadata.protection() != 0) {
            protect(io);
        }
    }

    private static void zero(IoVector data) {
        for (int i = 0; i < data.count(); i++) {
            Mem.fill(data.address(i), data.length(i), (byte) 0);
        }
    }

    /** Gives each block the protection information of zeros: guard and application tag are zero, the reference tag is not. */
    private void protect(BdevIo io) {
        int tag = Protection.offset(metadata) + Protection.REFERENCE_TAG;
        long behindData = blockSize - metadata.bytes() + (long) tag;
        for (long i = 0; i < io.blocks; i++) {
            put(io.data, i * blockSize + behindData, (int) (io.offsetBlocks + i));
        }
    }

    /** Writes a figure, big endian, over the pieces that it lies in. */
    private static void put(IoVector data, long offset, int value) {
        int piece = 0;
        long within = offset;
        for (int shift = 24; shift >= 0; shift -= 8) {
            while (within >= data.length(piece)) {
                within -= data.length(piece++);
            }
            Mem.setByte(data.address(piece) + within++, (byte) (value >>> shift));
        }
    }

    @Override
    public void close() {}
}
