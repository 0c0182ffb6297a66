package dev.karst.env;

/**
 * Where one device finds the memory of {@link Memory}: all regions, those that come later too. Any thread; no call allocates, locks or
 * blocks.
 */
public abstract class DmaMap {
    /** What {@link #iova} says of memory that the device cannot reach. */
    public static final long NONE = -1;

    /**
     * Where the device finds the byte at {@code address}, and behind it the others up to the next multiple of 4096; {@link #NONE} when
     * it cannot reach it.
     */
    public abstract long iova(long address);

    /** How many bytes from {@code address} on, {@code most} at most, the device finds in one piece; 0 when it cannot reach the first. */
    public abstract long contiguous(long address, long most);
}
