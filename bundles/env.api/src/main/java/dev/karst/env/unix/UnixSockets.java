package dev.karst.env.unix;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.nio.file.Path;

/** Unix sockets and what they pass. Control threads. */
public interface UnixSockets {
    /** A machine without any. */
    UnixSockets NONE = new UnixSockets() {
        @Override
        public UnixSocket connect(Path path) throws StorageException {
            throw absent();
        }

        @Override
        public UnixServer listen(Path path) throws StorageException {
            throw absent();
        }

        @Override
        public Signal signal() throws StorageException {
            throw absent();
        }

        @Override
        public Signal signal(Descriptor descriptor) throws StorageException {
            throw absent();
        }
    };

    /**
     * Gives a mapping back that {@link Descriptor#map} made: the memory behind it goes as soon as no other process has it. Who still
     * looks there sees zeros, and later mappings take the same addresses again. Not registered with {@link dev.karst.base.Mem} any more.
     *
     * @param address as it was given
     * @param bytes as they were mapped
     */
    default void unmap(long address, long bytes) {
        throw new UnsupportedOperationException("nothing is mapped here");
    }

    /**
     * New memory that can be shared, all zeros, whose length never changes.
     *
     * @param name for people to read
     * @throws StorageException EMFILE, ENOMEM
     */
    default Descriptor createMemory(String name, long bytes) throws StorageException {
        throw absent();
    }

    /**
     * The connected socket that a descriptor from another process stands for; it owns the descriptor from now on.
     *
     * @throws StorageException EINVAL when it is no socket
     */
    default UnixSocket socket(Descriptor descriptor) throws StorageException {
        throw absent();
    }

    private static StorageException absent() {
        return StorageException.errno(Errno.EOPNOTSUPP, Errno.text(Errno.EOPNOTSUPP) + ": there are no unix sockets here");
    }

    /**
     * Connects to the process that listens at the path.
     *
     * @throws StorageException ENOENT, ECONNREFUSED when nobody listens, EACCES, ENAMETOOLONG over 107 bytes, EAGAIN when too many
     *     wait there
     */
    UnixSocket connect(Path path) throws StorageException;

    /**
     * Listens at the path, which it makes, for this user alone (mode 0600); one that a process left there that is gone is removed.
     *
     * @throws StorageException EADDRINUSE when somebody listens there, or it is no socket; EACCES, ENOENT for a missing folder,
     *     ENAMETOOLONG over 107 bytes
     */
    UnixServer listen(Path path) throws StorageException;

    /**
     * A new signal.
     *
     * @throws StorageException EMFILE
     */
    Signal signal() throws StorageException;

    /**
     * The signal that a descriptor from another process stands for; it owns the descriptor from now on.
     *
     * @throws StorageException EINVAL when it is not an eventfd
     */
    Signal signal(Descriptor descriptor) throws StorageException;
}
