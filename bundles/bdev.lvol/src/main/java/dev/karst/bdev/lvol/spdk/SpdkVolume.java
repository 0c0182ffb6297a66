package dev.karst.bdev.lvol.spdk;

import java.util.List;
import java.util.UUID;

/**
 * A volume of an SPDK pool.
 *
 * @param blob the id of its blob, by which it is found again
 * @param uuid its own
 * @param name within the pool
 * @param thin whether clusters were allocated when written
 * @param readOnly whether SPDK would not write it
 * @param parent the name of the snapshot that it is a clone of; of a device outside, that device's; null for none
 * @param outside whether the parent is a device outside of the pool
 * @param clones the names of its clones; it is a snapshot if there are any
 * @param allocated clusters of its own
 * @param seen what is read where, parents included; null when there is {@code trouble}
 * @param trouble why its data cannot be had; null for no reason
 */
public record SpdkVolume(
    long blob, UUID uuid, String name, boolean thin, boolean readOnly, String parent, boolean outside, List<String> clones,
    long allocated, ClusterTable seen, String trouble) {
    /** Whether clones stand on it. */
    public boolean isSnapshot() {
        return !clones.isEmpty();
    }
}
