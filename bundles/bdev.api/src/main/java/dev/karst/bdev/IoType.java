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
    /** The range holds what lies in {@link BdevIo#data}; ends with {@link dev.karst.base.Status#MISCOMPARE} if not. */
    COMPARE,
    /**
     * If the range holds what lies in {@link BdevIo#compare}, {@link BdevIo#data} is written to it, as one step to all
     * others; else it ends with {@link dev.karst.base.Status#MISCOMPARE} and nothing changes.
     */
    COMPARE_AND_WRITE,
    /** The range becomes a copy of the one that begins at {@link BdevIo#sourceBlock}; they may not overlap. */
    COPY,
    /** The range can be read, its protection information included; no data is moved. */
    VERIFY,
    /** {@link BdevIo#result} is the first block of the range that the device keeps data for, or the end of the range. */
    SEEK_DATA,
    /** The same for a block that it keeps nothing for, and that reads as zeros. */
    SEEK_HOLE,
    /** The NVMe admin command at {@link BdevIo#sqe}, for devices that are NVMe. */
    NVME_ADMIN,
    /** The NVMe I/O command at {@link BdevIo#sqe}, for devices that are NVMe. */
    NVME_IO,
    /** Everything in flight ends, aborted if need be, and the device starts afresh. */
    RESET,
    /** The I/O in {@link BdevIo#victim} shall end soon; this one succeeds if it was found in flight. */
    ABORT;

    /** Whether it moves data between the device and memory, {@link BdevIo#blocks} blocks of it. */
    public boolean hasData() {
        return this == READ || this == WRITE || this == COMPARE || this == COMPARE_AND_WRITE;
    }

    /** Whether it is a command of another protocol, with data of any length. */
    public boolean isPassthrough() {
        return this == NVME_ADMIN || this == NVME_IO;
    }

    /** Whether it covers a range of blocks. */
    public boolean hasRange() {
        return this != RESET && this != ABORT && !isPassthrough();
    }

    /** Whether it may change what the device holds. */
    public boolean writes() {
        return this == WRITE || this == UNMAP || this == WRITE_ZEROES || this == COMPARE_AND_WRITE || this == COPY
            || isPassthrough();
    }
}
