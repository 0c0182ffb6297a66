package dev.karst.bdev.lvol.spdk;

import java.util.List;
import java.util.UUID;

/**
 * What was read of a pool of SPDK's.
 *
 * @param uuid its own
 * @param name its own
 * @param clean whether SPDK shut it down in order
 * @param clusterBytes bytes of a cluster, a multiple of 4096
 * @param blockSize bytes that the volumes' blocks had
 * @param dataClusters clusters for data
 * @param freeClusters those of them that no volume has
 * @param volumes in the order of their first pages
 * @param problems what is damaged, each in a line
 */
public record SpdkPool(
    UUID uuid, String name, boolean clean, int clusterBytes, int blockSize, long dataClusters, long freeClusters,
    List<SpdkVolume> volumes, List<String> problems) {}
