package dev.karst.bdev.lvol.store;

import dev.karst.bdev.lvol.disk.ClearMethod;
import java.util.Map;
import java.util.UUID;

/**
 * What a new volume is like.
 *
 * @param name up to 64 bytes of UTF-8, none other in the store has it
 * @param xattrs extended attributes; all of them must fit into one page together with the names
 */
public record VolumeOptions(UUID uuid, String name, boolean thin, ClearMethod clearMethod, Map<String, String> xattrs) {
    /** One without extended attributes whose clusters are unmapped when they are freed. */
    public VolumeOptions(UUID uuid, String name, boolean thin) {
        this(uuid, name, thin, ClearMethod.UNMAP, Map.of());
    }
}
