package dev.karst.bdev.lvol.disk;

/** How clusters that are freed are cleared. Whatever it is, no volume reads what another one wrote. */
public enum ClearMethod {
    /**
     * Given back as soon as they are free; written with zeros before they are used again where the medium does not read zeros
     * then.
     */
    UNMAP,
    /** Written with zeros before they are used again. */
    WRITE_ZEROES,
    /** As {@link #WRITE_ZEROES}, and a new store is not cleared when it is made. */
    NONE
}
