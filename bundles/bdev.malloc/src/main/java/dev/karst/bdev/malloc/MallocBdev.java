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

    MallocBdev(Geometry geometry, Memory memory, Region region) {
        super(geometry);
        this.memory = memory;
        this.region = region;
    }

    @Override
    public boolean supports(IoType type) {
        return switch (type) {
            case READ, WRITE, FLUSH, UNMAP, WRITE_ZEROES, RESET, ABORT -> true;
            default -> false;
        };
    }

    @Override
    public ModuleChannel openChannel(Reactor reactor) {
        return new MallocChannel(region.address(), geometry().blockSize());
    }

    @Override
    public void destroy(boolean parked) {
        if (!parked) {
            memory.free(region);
        }
    }
}
