package dev.karst.env;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.util.List;

/**
 * Memory for data: 2 MiB huge pages when the system has any to give, plain pages otherwise. Zeroed when first given out,
 * aligned to 4 KiB at least, registered with {@link dev.karst.base.Mem}. Pages are pooled and never unmapped while the
 * process lives, so a stale address reads old data and does not end the process. Control threads.
 */
public interface Memory {
    /**
     * A region of at least {@code bytes} bytes, zeroed.
     *
     * @param owner what it is for, for people to read
     * @throws StorageException ENOMEM
     */
    Region allocate(String owner, long bytes) throws StorageException;

    /**
     * Takes a region back for later use, as soon as nobody {@linkplain Region#hold holds} it. Nobody else may touch it any more, and its
     * name stands for it no more. Naming it twice is a programming error.
     */
    void free(Region region);

    /**
     * The region of that name, made and zeroed when there is none yet, kept until {@link #free freed} by whoever knows its
     * name; it outlives the bundle that asked for it.
     *
     * @throws StorageException EEXIST when the name stands for a region of another length, ENOMEM
     */
    Region named(String name, long bytes) throws StorageException;

    /**
     * Tells {@code listener} of every block there is, now, and of each that comes, until {@link #unwatch}.
     *
     * @throws StorageException what the listener threw; it is then not told any more
     */
    default void watch(MemoryBlocks listener) throws StorageException {
        throw StorageException.errno(Errno.EOPNOTSUPP, "this memory is for this process alone");
    }

    /** Stops telling. */
    default void unwatch(MemoryBlocks listener) {}

    /** All regions given out, for people to read. */
    List<Region> regions();
}
