package dev.karst.bdev;

/** What an I/O does. */
public enum IoType {
    READ,
    WRITE,
    /** All writes that completed before this was submitted become durable. */
    FLUSH,
    /** The range may be given back; what it reads as afterwards the device says ({@link Bdev#unmapReadsZeroes}). */
    UNMAP,
    /** The range reads as zeros. */
    WRITE_ZEROES,
    /** Everything in flight ends, aborted if need be, and the device starts afresh. */
    RESET,
    /** The I/O in {@link BdevIo#victim} shall end soon; this one succeeds if it was found in flight. */
    ABORT;

    /** Whether it moves data between the device and memory. */
    public boolean hasData() {
        return this == READ || this == WRITE;
    }

    /** Whether it covers a range of blocks. */
    public boolean hasRange() {
        return this != RESET && this != ABORT;
    }

    /** Whether it changes what the device holds. */
    public boolean writes() {
        return this == WRITE || this == UNMAP || this == WRITE_ZEROES;
    }
}
