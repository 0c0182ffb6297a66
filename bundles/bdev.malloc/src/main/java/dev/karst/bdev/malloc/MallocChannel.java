package dev.karst.bdev.malloc;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.module.ModuleChannel;

/** Copies and fills; every I/O ends inside its submission, so there is never one to abort. */
@ReactorConfined
final class MallocChannel extends ModuleChannel {
    private final long base;
    private final int blockShift;

    MallocChannel(long base, int blockSize) {
        this.base = base;
        this.blockShift = Integer.numberOfTrailingZeros(blockSize);
    }

    @Override
    public int submit(BdevIo io) {
        long at = base + (io.offsetBlocks << blockShift);
        long bytes = io.blocks << blockShift;
        switch (io.type) {
            case READ -> io.data.copyFrom(0, at, bytes);
            case WRITE -> io.data.copyTo(0, at, bytes);
            case UNMAP, WRITE_ZEROES -> Mem.fill(at, bytes, (byte) 0);
            case FLUSH, RESET -> { }
            default -> {
                return Status.NOT_SUPPORTED;
            }
        }
        io.complete(Status.OK);
        return Status.OK;
    }

    @Override
    public void close() {}
}
