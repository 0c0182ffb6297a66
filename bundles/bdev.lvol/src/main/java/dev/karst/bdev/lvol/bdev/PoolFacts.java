package dev.karst.bdev.lvol.bdev;

import java.util.UUID;

/**
 * What is told of a pool.
 *
 * @param base name of the device that it lies on
 * @param dataClusters clusters that volumes have or can get
 * @param blockSize bytes in a block of its volumes
 * @param mostBytes how large the device may become for the pool to use it
 * @param failure why it takes no changes until its device works again; null if it does
 */
public record PoolFacts(
    UUID uuid, String name, String base, long dataClusters, long freeClusters, long clusterBytes, int blockSize, long mostBytes,
    String failure) {}
