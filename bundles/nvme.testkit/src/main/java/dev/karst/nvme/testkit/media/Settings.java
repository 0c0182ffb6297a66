package dev.karst.nvme.testkit.media;

/**
 * How a namespace is formatted.
 *
 * @param format its blocks
 * @param extended whether metadata follows the data in one buffer
 * @param protection protection information type, 0 for none
 * @param protectionFirst whether it comes first in the metadata
 */
public record Settings(BlockFormat format, boolean extended, int protection, boolean protectionFirst) {
    /** Without metadata. */
    public static Settings plain(int blockBytes) {
        return new Settings(new BlockFormat(blockBytes, 0), false, 0, false);
    }
}
