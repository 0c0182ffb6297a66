package dev.karst.bdev;

/**
 * The metadata that a device keeps with each block. NVM Command Set 1.1, 5.3.
 *
 * @param bytes how many; 0 for none
 * @param interleaved whether they follow the data of each block in memory, and count in the block size; else they lie
 *     apart, at {@link BdevIo#metadata}
 * @param protection type of the T10 protection information in them, 1 to 3; 0 for none
 * @param atStart whether the protection information is the first 8 of them; else the last 8
 * @param checks what of it is checked: {@link #GUARD}, {@link #APPLICATION_TAG}, {@link #REFERENCE_TAG}
 */
public record Metadata(int bytes, boolean interleaved, int protection, boolean atStart, int checks) {
    /** No metadata. */
    public static final Metadata NONE = new Metadata(0, false, 0, false, 0);

    /** The CRC over the data is checked. */
    public static final int GUARD = 1;
    /** The application tag is checked. */
    public static final int APPLICATION_TAG = 2;
    /** The reference tag is checked. */
    public static final int REFERENCE_TAG = 4;

    /** Bytes of protection information in a block's metadata. */
    public static final int PROTECTION_BYTES = 8;
}
