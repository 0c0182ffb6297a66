package dev.karst.bdev.lvol.store;

import java.util.List;

/**
 * What a check of a store found.
 *
 * @param volumes that the directory leads to
 * @param pages of metadata that were read, the super blocks left out
 * @param clusters that volumes own
 * @param faults each in words; empty if all is well
 */
public record StoreCheck(int volumes, int pages, int clusters, List<String> faults) {}
