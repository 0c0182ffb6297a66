package dev.karst.bdev.lvol.store;

import dev.karst.bdev.lvol.disk.ClearMethod;
import java.util.UUID;

/**
 * What a new store is like.
 *
 * @param name up to 64 bytes of UTF-8
 * @param clusterSize bytes; a multiple of 4096 and of the medium's block size
 * @param metadataPercent pages of 4096 bytes for metadata, for each hundred clusters
 */
public record StoreOptions(UUID uuid, String name, int clusterSize, int metadataPercent, ClearMethod clearMethod) {}
