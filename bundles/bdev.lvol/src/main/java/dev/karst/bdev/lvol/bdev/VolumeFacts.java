package dev.karst.bdev.lvol.bdev;

import java.util.List;
import java.util.UUID;

/**
 * What is told of a volume.
 *
 * @param pool name of its pool
 * @param parent name of the snapshot that it is a clone of; null for none
 * @param external name of the device outside that it is a clone of; null for none
 * @param clones names of its clones
 * @param allocated clusters of its own
 * @param clusters how long it is
 * @param degraded whether it cannot be read
 */
public record VolumeFacts(
    UUID uuid, String name, String pool, UUID poolUuid, String base, boolean thin, boolean snapshot, String parent, String external,
    List<String> clones, long allocated, long clusters, boolean degraded) {
    /** Its second name: pool and volume. */
    public String alias() {
        return pool + "/" + name;
    }

    /** The same with so many clusters of its own. */
    VolumeFacts owning(long allocated) {
        return new VolumeFacts(uuid, name, pool, poolUuid, base, thin, snapshot, parent, external, clones, allocated, clusters, degraded);
    }
}
