package dev.karst.bdev.malloc;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.env.Region;

/** Copies, compares and fills; every I/O ends inside its submission, so there is never one to abort. */
@ReactorConfined
final class MallocChannel extends ModuleChannel {
    /** From this many bytes on a look at them costs less than a copy, also where several reactors count who looks. */
    private static final int LEAST_VIEW_BYTES = 8192;

    private final MallocStore store;
    private final Region region;

    MallocChannel(MallocStore store, Region region) {
        this.store = store;
        this.region = region;
    }

    @Override
    public int submit(BdevIo io) {
        int status = Status.OK;
        switch (io.type) {
            case READ -> read(io);
            case WRITE -> write(io);
            case COMPARE -> status = compare(io);
            case COPY -> store.copy(io.sourceBlock, io.offsetBlocks, io.blocks);
            case UNMAP, WRITE_ZEROES -> store.zero(io.offsetBlocks, io.blocks);
            case FLUSH, RESET -> { }
            default -> {
                return Status.NOT_SUPPORTED;
            }
        }
        io.complete(status);
        return Status.OK;
    }

    /** Bytes of metadata that are moved beside the data. */
    private long apart(BdevIo io) {
        return io.metadata == 0 ? 0 : store.apartBytes(io.blocks);
    }

    private void read(BdevIo io) {
        if (io.takesView && io.metadata == 0 && store.bytes(io.blocks) >= LEAST_VIEW_BYTES) {
            io.view.show(region, store.at(io.offsetBlocks));
            return;
        }
        io.data.copyFrom(0, store.at(io.offsetBlocks), store.bytes(io.blocks));
        if (apart(io) > 0) {
            Mem.copy(store.metadataAt(io.offsetBlocks), io.metadata, apart(io));
        }
    }

    private void write(BdevIo io) {
        io.data.copyTo(0, store.at(io.offsetBlocks), store.bytes(io.blocks));
        if (apart(io) > 0) {
            Mem.copy(io.metadata, store.metadataAt(io.offsetBlocks), apart(io));
        }
    }

    private int compare(BdevIo io) {
        boolean same = io.data.matches(0, store.at(io.offsetBlocks), store.bytes(io.blocks));
        long apart = apart(io);
        same &= apart == 0 || Mem.equal(io.metadata, store.metadataAt(io.offsetBlocks), apart);
        return same ? Status.OK : Status.MISCOMPARE;
    }

    @Override
    public void close() {}
}
