package dev.karst.bdev.malloc;

import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;

/** One block device in memory. */
final class MallocBdev extends ModuleBdev {
    private final Memory memory;
    private final Region region;
    private final MallocStore store;

    MallocBdev(Geometry geometry, Memory memory, Region region) {
        super(geometry);
        this.memory = memory;
        this.region = region;
        this.store = new MallocStore(geometry, region.address());
    }

    /** For a new device: protection information that fits the zeros. */
    void format() {
        store.format(geometry().blocks());
    }

    @Override
    public boolean supports(IoType type) {
        return switch (type) {
            case READ, WRITE, FLUSH, UNMAP, WRITE_ZEROES, COMPARE, COPY, RESET, ABORT -> true;
            default -> false;
        };
    }

    @Override
    public boolean isImmediate() {
        return true;
    }

    @Override
    public ModuleChannel openChannel(Reactor reactor) {
        return new MallocChannel(store, region);
    }

    @Override
    public void destroy(boolean parked) {
        if (!parked) {
            memory.free(region);
        }
    }
}
