package dev.karst.bdev.nullblk;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.Protection;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleChannel;

/**
 * Ends every I/O inside its submission. A read fills the buffer with zeros, unless its submitter is content to be told of
 * them: left as it was, it could carry somebody else's data to whoever reads. Where the memory is the reader's own, a device
 * that was made without {@code read_zeroes} leaves it.
 */
@ReactorConfined
final class NullChannel extends ModuleChannel {
    private final boolean readsZeros;
    private final int blockSize;
    private final Metadata metadata;
    /** Where in a block its protection information lies. */
    private final int place;
    /** What of it is the same for all blocks: the guard of zeros. */
    private final long guard;

    NullChannel(Geometry geometry, boolean readsZeros) {
        this.readsZeros = readsZeros;
        blockSize = geometry.blockSize();
        metadata = geometry.metadata();
        place = blockSize - metadata.bytes() + Protection.offset(metadata);
        guard = metadata.protection() == 0 ? 0 : metadata.layout().guardOfZeros(place);
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
        if (!readsZeros && io.readersMemory && metadata.bytes() == 0) {
            return;
        }
        io.data.zero(0);
        if (metadata.protection() != 0) {
            protect(io);
        }
    }

    /** Gives each block the protection information of zeros, with an application tag of zero. */
    private void protect(BdevIo io) {
        ProtectionLayout layout = metadata.layout();
        for (long i = 0; i < io.blocks; i++) {
            long at = i * blockSize + place;
            long block = io.offsetBlocks + i;
            put(io.data, at, layout.first(guard, 0, block));
            if (layout.bytes > Long.BYTES) {
                put(io.data, at + Long.BYTES, layout.second(0, block));
            }
        }
    }

    /** Writes a figure, big endian, over the pieces that it lies in. */
    private static void put(IoVector data, long offset, long value) {
        int piece = 0;
        long within = offset;
        for (int shift = 56; shift >= 0; shift -= 8) {
            while (within >= data.length(piece)) {
                within -= data.length(piece++);
            }
            Mem.setByte(data.address(piece) + within++, (byte) (value >>> shift));
        }
    }

    @Override
    public void close() {}
}
