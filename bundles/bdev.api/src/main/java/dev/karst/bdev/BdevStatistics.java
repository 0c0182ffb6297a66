package dev.karst.bdev;

/**
 * I/O that a block device has done.
 *
 * @param readBytes and so on: what was moved, how many I/Os, how long they took in sum, and how many failed
 */
public record BdevStatistics(
    long readBytes, long reads, long readNanos, long writtenBytes, long writes, long writeNanos, long unmappedBytes,
    long unmaps, long unmapNanos, long flushes, long flushNanos, long zeroedBytes, long zeroings, long copiedBytes,
    long copies, long copyNanos, long errors, long waitedForResources) {
    /** Nothing done. */
    public static final BdevStatistics NONE = new BdevStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
