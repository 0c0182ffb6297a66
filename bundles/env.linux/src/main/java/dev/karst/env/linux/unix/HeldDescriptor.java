package dev.karst.env.linux.unix;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.SharedFile;

/** A descriptor of this process. */
final class HeldDescriptor extends Descriptor {
    private static final int SEEK_END = 2;
    private static final long PAGE = 4096;

    private final int fd;
    private boolean closed;

    HeldDescriptor(int fd) {
        this.fd = fd;
    }

    @Override
    public int number() {
        return fd;
    }

    @Override
    public synchronized long map(long offset, long bytes) throws StorageException {
        String what = "map " + bytes + " bytes from offset " + offset + " of descriptor " + fd;
        if (closed) {
            throw Failure.of(-Errno.EBADF, what);
        }
        if (bytes <= 0 || offset < 0 || (offset | bytes) % PAGE != 0) {
            throw Failure.refused(Errno.EINVAL, what, "both must be multiples of " + PAGE);
        }
        try (Kernel kernel = Kernel.open()) {
            long size = kernel.call(Syscall.LSEEK, fd, 0, SEEK_END);
            if (size < 0 || offset > size || bytes > (size - offset + PAGE - 1 & -PAGE)) {
                throw Failure.refused(Errno.EINVAL, what, size < 0 ? "it is no file" : "the file has " + size + " bytes");
            }
            long address = SharedMappings.map(kernel, fd, offset, bytes);
            if (address < 0) {
                throw Failure.of(address, what);
            }
            Mem.register(address, bytes);
            return address;
        }
    }

    @Override
    public synchronized SharedFile file() throws StorageException {
        if (closed) {
            throw Failure.of(-Errno.EBADF, "look at descriptor " + fd);
        }
        try (Kernel kernel = Kernel.open()) {
            return MemoryFiles.look(kernel, fd);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            try (Kernel kernel = Kernel.open()) {
                kernel.close(fd);
            }
        }
    }
}
