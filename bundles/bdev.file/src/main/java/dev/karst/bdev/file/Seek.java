package dev.karst.bdev.file;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.env.DataFile;

/** A SEEK_DATA or SEEK_HOLE: a block of which a part is data is data. Control threads. */
final class Seek {
    private final DataFile file;
    private final boolean hole;
    private final long first;
    private final long end;
    private final int blockShift;
    private long found;

    Seek(DataFile file, BdevIo io, int blockShift) {
        this.file = file;
        this.blockShift = blockShift;
        hole = io.type == IoType.SEEK_HOLE;
        first = io.offsetBlocks;
        end = io.offsetBlocks + io.blocks;
    }

    /** Finds it; a status. */
    int run() {
        try {
            found = Math.min(end, hole ? hole() : data(first));
            return Status.OK;
        } catch (StorageException e) {
            return Status.errno(e.code());
        }
    }

    /** The block that was found. */
    long found() {
        return found;
    }

    private long data(long from) throws StorageException {
        return file.seek(from << blockShift, false) >> blockShift;
    }

    private long hole() throws StorageException {
        long block = first;
        while (block < end) {
            long at = file.seek(block << blockShift, true);
            block = at + (1L << blockShift) - 1 >> blockShift;
            if (block >= end || data(block) > block) {
                return block;
            }
            block++;
        }
        return end;
    }
}
