package dev.karst.nvme.testkit.media;

/**
 * An LBA format, as Identify lists them.
 *
 * @param dataBytes bytes of data of a block, a power of two
 * @param metadataBytes bytes of metadata with it
 */
public record BlockFormat(int dataBytes, int metadataBytes) {
    /** LBADS: the power of two. */
    public int lbads() {
        return Integer.numberOfTrailingZeros(dataBytes);
    }
}
