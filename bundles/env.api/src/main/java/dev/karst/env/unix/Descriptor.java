package dev.karst.env.unix;

import dev.karst.base.StorageException;

/** A file descriptor that came from another process. Control threads. */
public abstract class Descriptor {
    /** Its number in this process, for {@link UnixSocket#send}. */
    public abstract int number();

    /**
     * Maps a part of the file that it stands for, to be read and written, shared with whoever maps it too, until {@link
     * UnixSockets#unmap}, also after {@link #close}; registered with {@link dev.karst.base.Mem}. A peer that makes the file shorter later makes accesses fail
     * with an {@link InternalError}.
     *
     * @param offset a multiple of 4096
     * @param bytes likewise; the last page may lie in the file in part
     * @throws StorageException EINVAL when the file is not as long, or cannot be mapped; EACCES; ENOMEM
     */
    public abstract long map(long offset, long bytes) throws StorageException;

    /**
     * What kind of memory the file is that it stands for.
     *
     * @throws StorageException EBADF after {@link #close}
     */
    public abstract SharedFile file() throws StorageException;

    /** Closes it. Does nothing the second time. */
    public abstract void close();
}
