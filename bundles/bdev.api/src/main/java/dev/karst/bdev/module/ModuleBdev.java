package dev.karst.bdev.module;

import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.reactor.Reactor;
import java.util.Map;

/** One block device of a module. */
public abstract class ModuleBdev {
    private final Geometry geometry;

    protected ModuleBdev(Geometry geometry) {
        this.geometry = geometry;
    }

    public final Geometry geometry() {
        return geometry;
    }

    /**
     * Whether its channels do this type. READ is always done; WRITE_ZEROES that is not is emulated by writes; RESET
     * that is not is done by the block layer alone.
     */
    public abstract boolean supports(IoType type);

    /**
     * A way in for this reactor; at most one is open for a device and a reactor. Reactor-confined.
     *
     * @throws StorageException what stood in the way
     */
    public abstract ModuleChannel openChannel(Reactor reactor) throws StorageException;

    /** What it says of itself for {@code driver_specific}, as plain values. Control threads. */
    public Map<String, Object> describe() {
        return Map.of();
    }

    /**
     * The device is gone from the registry and no channel is open: give back what it holds. Control threads.
     *
     * <p>Called with {@code parked} and then once more without, also after the module was stopped, when no successor
     * came in time: then what survived the first call goes, and what the first call gave back is not given back again.
     *
     * @param parked whether it may come back: what must survive (named memory, files) stays
     */
    public abstract void destroy(boolean parked);
}
