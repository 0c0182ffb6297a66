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
}
