package dev.karst.bdev.lvol.store;

import dev.karst.bdev.lvol.disk.Bytes;

/**
 * What a store lies on, in bytes. Its cache is volatile: what was written is durable when a flush that was submitted after its
 * end has ended. Each call ends once, later, never inside itself, on the reactor of the store. Offsets and lengths are multiples
 * of the {@link #blockSize}, and memory belongs to the medium until the end. Reactor-confined.
 */
public interface Medium {
    /** How long it is now. */
    long bytes();

    /** Bytes in a block: a power of two from 512 to 4096. */
    int blockSize();

    /** Whether what was unmapped reads as zeros. */
    boolean unmapReadsZeroes();

    void read(long offset, byte[] target, Done done);

    void write(long offset, byte[] source, Done done);

    /** Copies within the medium; the ranges do not overlap. */
    void copy(long source, long target, long length, Done done);

    /** The range reads as zeros afterwards. */
    void zero(long offset, long length, Done done);

    /** The range is given back. */
    void unmap(long offset, long length, Done done);

    void flush(Done done);

    /** Runs something after so long. */
    void later(long millis, Runnable task);
}
