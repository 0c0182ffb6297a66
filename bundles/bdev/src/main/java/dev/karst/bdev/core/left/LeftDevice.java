package dev.karst.bdev.core.left;

import dev.karst.bdev.module.CreationRecord;

/**
 * A device that was there when the block layer went, and is to be there again.
 *
 * @param module the name of its module
 * @param record how it came to be
 */
public record LeftDevice(String module, CreationRecord record) {}
