package dev.karst.bdev.passthru;

import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One block device that hands everything on to its base. */
final class PassthruBdev extends ModuleBdev {
    private final BaseBdev base;

    PassthruBdev(Creation creation, Bdev under, BaseBdev base) {
        super(Geometry.of(creation.name(), creation.uuid(), "passthru", under.blockSize(), under.blocks())
            .with(under.physicalBlockSize(), under.readOnly(), under.hasVolatileCache(), under.unmapReadsZeroes())
            .keeping(under.metadata()).limited(limits(under)));
        this.base = base;
    }

    /** What the base says of itself; what else it cannot do at once it cuts into parts. */
    private static Geometry.Limits limits(Bdev under) {
        return new Geometry.Limits(
            0, 0, 0, 0, under.memoryAlignment(), under.optimalBoundaryBlocks(), under.writeUnitBlocks());
    }

    @Override
    public int compareAndWriteBlocks() {
        return base.descriptor().bdev().compareAndWriteBlocks();
    }

    /** The base does, or the block layer on top of the base. */
    @Override
    public boolean checksProtection() {
        return true;
    }

    @Override
    public boolean supports(IoType type) {
        return base.descriptor().bdev().supports(type);
    }

    @Override
    public ModuleChannel openChannel(Reactor reactor) throws StorageException {
        return new PassthruChannel(base.descriptor().openChannel(reactor));
    }

    @Override
    public Map<String, Object> describe() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", geometry().name());
        fields.put("base_bdev_name", base.descriptor().bdev().name());
        return Map.of("passthru", fields);
    }

    @Override
    public List<String> standsOn() {
        return List.of(base.descriptor().bdev().name());
    }

    @Override
    public void destroy(boolean parked) {
        base.close();
    }
}
