package dev.karst.env;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.nio.file.Path;

/** Files and block devices that hold data. Control threads; calls may block. */
public interface Files {
    /**
     * Opens a file that is there. Data moves past the page cache where the file system allows.
     *
     * @throws StorageException ENOENT, EACCES, EISDIR, EROFS or what the system says, naming the path
     */
    DataFile open(Path path, boolean readOnly) throws StorageException;

    /**
     * Makes a sparse file of {@code bytes} bytes, durably: after a power cut it is there whole or not at all.
     *
     * @throws StorageException EEXIST when there is something at the path, ENOSPC, EACCES, ENOENT for a missing folder
     */
    void create(Path path, long bytes) throws StorageException;

    /**
     * Takes a file away again that {@link #create} made.
     *
     * @throws StorageException ENOENT, EACCES, or EOPNOTSUPP where the environment cannot
     */
    default void delete(Path path) throws StorageException {
        throw StorageException.errno(Errno.EOPNOTSUPP, Errno.text(Errno.EOPNOTSUPP) + ": cannot delete " + path);
    }

    /** Whether there is something at the path. */
    boolean exists(Path path);

    /**
     * Whether a file belongs to the user that this process runs as and nobody else may read or write it. Where files have no
     * owners, none is private.
     *
     * @throws StorageException ENOENT, EACCES
     */
    default boolean isPrivate(Path path) throws StorageException {
        return false;
    }

    /**
     * All of a small file.
     *
     * @param most bytes that it may hold
     * @throws StorageException ENOENT, EACCES, EISDIR, EFBIG when it holds more
     */
    byte[] read(Path path, int most) throws StorageException;

    /**
     * Makes a small file, or empties the one that is there, and fills it. After a power cut before {@link #sync} and {@link
     * #syncFolder} it may hold anything or be missing; {@link #replace} is what most want.
     *
     * @throws StorageException ENOSPC, EACCES, ENOENT for a missing folder
     */
    void write(Path path, byte[] content) throws StorageException;

    /**
     * Overwrites part of a small file that is there; durable upon {@link #sync}. A power cut before may leave any of its
     * sectors as they were.
     *
     * @param offset bytes; what lies past the end of the file is added to it
     * @throws StorageException ENOENT, ENOSPC, EACCES or what the system says
     */
    void writeAt(Path path, long offset, byte[] content) throws StorageException;

    /** Makes the contents of a file durable. */
    void sync(Path path) throws StorageException;

    /** Gives a file another name in the same folder, in place of what has it: at any time either has the name. */
    void rename(Path from, Path to) throws StorageException;

    /** Makes the names in a folder durable. */
    void syncFolder(Path folder) throws StorageException;

    /**
     * Puts {@code content} in place of what a small file held, or makes it, durably: after a power cut it holds the one or
     * the other, and from when this returns the new. The name with {@code .new} behind it is used on the way.
     *
     * @param path absolute
     * @throws StorageException what {@link #write} and {@link #rename} throw; the file then holds what it did
     */
    default void replace(Path path, byte[] content) throws StorageException {
        Path passing = path.resolveSibling(path.getFileName() + ".new");
        write(passing, content);
        sync(passing);
        rename(passing, path);
        syncFolder(path.getParent());
    }
}
