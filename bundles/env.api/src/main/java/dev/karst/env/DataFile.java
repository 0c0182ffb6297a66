package dev.karst.env;

import dev.karst.base.StorageException;
import java.nio.file.Path;

/** An open file or block device. I/O goes through a {@link FileRing}; the methods here are for control threads. */
public abstract class DataFile {
    public abstract Path path();

    /** What tells this file from all others: equal whenever the same file is open, by whatever path. */
    public Object identity() {
        return path().toAbsolutePath().normalize();
    }

    public abstract boolean readOnly();

    /** Whether I/O goes past the page cache. */
    public final boolean direct() {
        return alignment() > 1;
    }

    /** What offsets, lengths and addresses must be a multiple of; 1 where I/O goes through the page cache. */
    public abstract int alignment();

    /** Whether ranges can be given back to the file system ({@link FileOp.Kind#PUNCH}). */
    public abstract boolean punches();

    /** Whether {@link #seek} knows which ranges hold data. */
    public abstract boolean seeks();

    /**
     * Finds where data begins, or a hole: a range that nothing is kept for and that reads as zeros. May read from the medium.
     *
     * @param hole whether a hole is looked for
     * @return the first such byte from {@code offset} on; the end of the file when there is none
     */
    public abstract long seek(long offset, boolean hole) throws StorageException;

    /** Bytes that the medium writes at once, as far as the system says; at least {@link #alignment}. */
    public int physicalBlockSize() {
        return alignment();
    }

    /** Length in bytes now. */
    public abstract long size() throws StorageException;

    /**
     * Gives a regular file another length, durably: after a power cut it has the old or the new one. What is added reads as
     * zeros. Nothing may be in flight behind the new end.
     *
     * @throws StorageException EOPNOTSUPP for a block device; EROFS, ENOSPC, EFBIG or what the system says
     */
    public abstract void resize(long bytes) throws StorageException;

    /** Closes; no operation may be in flight. */
    public abstract void close();
}
