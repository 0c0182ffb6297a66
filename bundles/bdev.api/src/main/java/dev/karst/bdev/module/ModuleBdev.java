package dev.karst.bdev.module;

import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.reactor.Reactor;
import java.util.List;
import java.util.Map;

/** One block device of a module. */
public abstract class ModuleBdev {
    private static final int MOST_COMPARED_BYTES = 65536;

    private final Geometry geometry;

    protected ModuleBdev(Geometry geometry) {
        this.geometry = geometry;
    }

    public final Geometry geometry() {
        return geometry;
    }

    /**
     * Whether its channels do this type. READ is always done; RESET that is not is done by the block layer alone;
     * WRITE_ZEROES, COMPARE, COMPARE_AND_WRITE, COPY and VERIFY that are not are emulated by reads and writes.
     */
    public abstract boolean supports(IoType type);

    /**
     * Whether its channels complete every READ and WRITE inside {@link ModuleChannel#submit} and use no {@link BdevIo#moduleState} or
     * {@link BdevIo#moduleWord} for it, as one does whose blocks are memory: a module that stands on it may then {@linkplain
     * dev.karst.bdev.BdevChannel#doNow have its own I/O done}.
     */
    public boolean isImmediate() {
        return false;
    }

    /** Whether it checks protection information itself, as {@link BdevIo#uncheckedProtection} leaves it to. */
    public boolean checksProtection() {
        return false;
    }

    /**
     * The most blocks of a COMPARE_AND_WRITE, done by its channels or emulated: at least 1, and up to 128 KiB with
     * their metadata; 64 KiB of data unless it says otherwise.
     */
    public int compareAndWriteBlocks() {
        Metadata metadata = geometry.metadata();
        int dataBytes = geometry.blockSize() - (metadata.interleaved() ? metadata.bytes() : 0);
        return Math.max(1, MOST_COMPARED_BYTES / dataBytes);
    }

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

    /** The names of the devices that it stands on. Control threads. */
    public List<String> standsOn() {
        return List.of();
    }

    /**
     * Whether it takes no I/O any more until it is parked and brought back, since it went with another device that was parked, as what
     * stands on the same thing does. What is not moved when a hand-over fails is brought back then. Control threads.
     */
    public boolean isStranded() {
        return false;
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
