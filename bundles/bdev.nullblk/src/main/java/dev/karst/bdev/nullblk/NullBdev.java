package dev.karst.bdev.nullblk;

import dev.karst.bdev.IoType;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;
import java.util.Map;

/** One block device that keeps nothing. */
final class NullBdev extends ModuleBdev {
    /** Whether reads give zeros in any case. */
    static final String READ_ZEROES = "read_zeroes";

    private final CreationRecord record;
    private final Map<String, NullBdev> bdevs;

    /** A device that takes itself out of {@code bdevs} when it goes. */
    NullBdev(Geometry geometry, CreationRecord record, Map<String, NullBdev> bdevs) {
        super(geometry);
        this.record = record;
        this.bdevs = bdevs;
    }

    /** The types that SPDK's does. */
    @Override
    public boolean supports(IoType type) {
        return switch (type) {
            case READ, WRITE, WRITE_ZEROES, RESET, ABORT -> true;
            default -> false;
        };
    }

    @Override
    public boolean isImmediate() {
        return true;
    }

    @Override
    public ModuleChannel openChannel(Reactor reactor) {
        return new NullChannel(geometry(), !Boolean.FALSE.equals(record.parameters().get(READ_ZEROES)));
    }

    /** What makes it again with this many blocks. */
    CreationRecord resized(long blocks) {
        return NullModule.withBlocks(record, blocks);
    }

    @Override
    public void destroy(boolean parked) {
        bdevs.remove(geometry().name(), this);
    }
}
