package dev.karst.bdev.module;

import dev.karst.base.StorageException;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Moves devices between two versions of a module that are there at once, a service of the block layer. Control threads.
 */
@ProviderType
public interface ModuleHandOver {
    /**
     * What was moved, and how long that took.
     *
     * @param bdevs the devices' names, in the order in which they moved
     * @param drainNanos from closing gates until the module was out of use, all devices together
     * @param attachNanos from then until I/O flowed again, all devices together
     * @param longestPauseNanos the longest time that I/O of one device waited
     */
    record Moved(List<String> bdevs, long drainNanos, long attachNanos, long longestPauseNanos) {}

    /** How a replacement of a module ended. */
    enum Outcome {
        SWAPPED,
        ROLLED_BACK,
        FAILED
    }

    /** Whether the block layer has taken this module and not let it go. */
    boolean isBound(BdevModule module);

    /**
     * Whether the block layer has taken this module, and the module has been asked to bring back each device that waited for it
     * then. What is parked after that it could not bring back; it is asked for that again only when another version goes.
     */
    boolean hasRestored(BdevModule module);

    /**
     * Moves all devices of one version to the other, one after the other: of each the gate closes, what is in flight runs
     * out, the one version lets go and the other brings it back, and the gate opens. Owners are told {@code paused} and
     * {@code resumed}, nothing else. Returns when all have moved.
     *
     * @param from a version that is bound; it stays bound
     * @param to another of the same name
     * @throws StorageException ENODEV when one of them is not bound, EINVAL when their names differ; EIO or what {@code to} said
     *     when it could not bring a device back as it was: then that device and those that had moved are with {@code from}
     *     again, and those that had not never left. The message ends with the names of devices that {@code from} could not
     *     bring back either; they stay parked
     */
    Moved handOver(BdevModule from, BdevModule to) throws StorageException;

    /** Gives notice to clients of how a replacement ended; {@code module} is its name. */
    void tell(String module, Outcome outcome);
}
