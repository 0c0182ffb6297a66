package dev.karst.bdev;

/**
 * The metadata that a device keeps with each block. NVM Command Set 1.1, 5.3.
 *
 * @param bytes how many; 0 for none
 * @param interleaved whether they follow the data of each block in memory, and count in the block size; else they lie
 *     apart, at {@link BdevIo#metadata}
 * @param protection type of the T10 protection information in them, 1 to 3; 0 for none
 * @param atStart whether the protection information is the first of them; else the last
 * @param checks what of it is checked: {@link #GUARD}, {@link #APPLICATION_TAG}, {@link #REFERENCE_TAG}
 * @param layout how the protection information lies there
 */
public record Metadata(
    int bytes, boolean interleaved, int protection, boolean atStart, int checks, ProtectionLayout layout) {
    /** No metadata. */
    public static final Metadata NONE = new Metadata(0, false, 0, false, 0);

    /** The CRC over the data is checked. */
    public static final int GUARD = 1;
    /** The application tag is checked. */
    public static final int APPLICATION_TAG = 2;
    /** The reference tag is checked. */
    public static final int REFERENCE_TAG = 4;

    /** Metadata whose protection information, if it has any, has a guard of 16 bits. */
    public Metadata(int bytes, boolean interleaved, int protection, boolean atStart, int checks) {
        this(bytes, interleaved, protection, atStart, checks, ProtectionLayout.GUARD_16);
    }

    /** Whether protection information is all of it. */
    public boolean isProtectionAlone() {
        return protection != 0 && bytes == layout.bytes;
    }
}
