package dev.karst.bdev;

/**
 * Something that a device says of a range of its medium: what lies there should be read and written elsewhere soon.
 *
 * @param offsetBlocks first block
 * @param blocks how many
 */
public record MediaEvent(long offsetBlocks, long blocks) {}
