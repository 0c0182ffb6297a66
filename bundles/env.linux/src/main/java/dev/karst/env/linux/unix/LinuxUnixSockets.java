package dev.karst.env.linux.unix;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.Signal;
import dev.karst.env.unix.UnixServer;
import dev.karst.env.unix.UnixSocket;
import dev.karst.env.unix.UnixSockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Unix stream sockets and eventfds. */
public final class LinuxUnixSockets implements UnixSockets {
    private static final int STREAM_NONBLOCK_CLOEXEC = 0x80801;
    private static final int EFD_NONBLOCK_CLOEXEC = 0x80800;
    private static final int AT_FDCWD = -100;
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;
    private static final int BACKLOG = 16;
    private static final int MODE = 0600;

    @Override
    public UnixSocket connect(Path path) throws StorageException {
        String what = "connect to " + path;
        UnixAddress address = UnixAddress.of(path);
        try (Kernel kernel = Kernel.open()) {
            int fd = open(kernel, what);
            long result = kernel.call(Syscall.CONNECT, fd, kernel.scratch, address.write(kernel.scratch));
            if (result < 0) {
                kernel.close(fd);
                throw Failure.of(result, what);
            }
            return new UnixStream(fd, path.toString());
        }
    }

    @Override
    public UnixServer listen(Path path) throws StorageException {
        String what = "listen at " + path;
        UnixAddress address = UnixAddress.of(path);
        try (Kernel kernel = Kernel.open()) {
            int fd = open(kernel, what);
            kernel.call(Syscall.FCHMOD, fd, MODE, 0);
            long result = kernel.call(Syscall.BIND, fd, kernel.scratch, address.write(kernel.scratch));
            if (result == -Errno.EADDRINUSE && isLeft(path)) {
                remove(path);
                result = kernel.call(Syscall.BIND, fd, kernel.scratch, address.write(kernel.scratch));
            }
            if (result == 0) {
                result = kernel.call(Syscall.LISTEN, fd, BACKLOG, 0);
            }
            if (result < 0) {
                kernel.close(fd);
                throw Failure.of(result, what);
            }
            return new UnixListener(fd, path);
        }
    }

    /** Whether a process that is gone left the socket there. */
    private boolean isLeft(Path path) {
        try {
            if (Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
                connect(path).close();
            }
            return false;
        } catch (StorageException e) {
            return e.code() == -Errno.ECONNREFUSED;
        } catch (IOException e) {
            return false;
        }
    }

    private static int open(Kernel kernel, String what) throws StorageException {
        long fd = kernel.call(Syscall.SOCKET, UnixAddress.AF_UNIX, STREAM_NONBLOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw Failure.of(fd, what);
        }
        return (int) fd;
    }

    static void remove(Path path) {
        byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
        try (Kernel kernel = Kernel.open()) {
            Mem.put(kernel.scratch, name, 0, name.length);
            kernel.call(Syscall.UNLINKAT, AT_FDCWD, kernel.scratch, 0);
        }
    }

    @Override
    public Signal signal() throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            long fd = kernel.call(Syscall.EVENTFD2, 0, EFD_NONBLOCK_CLOEXEC, 0);
            if (fd < 0) {
                throw Failure.of(fd, "make an eventfd");
            }
            return new EventSignal(new HeldDescriptor((int) fd));
        }
    }

    @Override
    public Signal signal(Descriptor descriptor) throws StorageException {
        adopt(descriptor, "anon_inode:[eventfd]", "eventfd");
        return new EventSignal(descriptor);
    }

    /** Sees to it that a descriptor is of this kind, and does not block. */
    private static void adopt(Descriptor descriptor, String begin, String kind) throws StorageException {
        Path link = Path.of("/proc/self/fd/" + descriptor.number());
        try (Kernel kernel = Kernel.open()) {
            if (!Files.readSymbolicLink(link).toString().startsWith(begin)) {
                throw Failure.refused(Errno.EINVAL, "use descriptor " + descriptor.number(), "it is no " + kind);
            }
            kernel.call(Syscall.FCNTL, descriptor.number(), F_SETFL, O_NONBLOCK);
        } catch (IOException e) {
            throw new StorageException(-Errno.EBADF, "cannot use descriptor " + descriptor.number() + ": it is not there", e);
        }
    }

    @Override
    public UnixSocket socket(Descriptor descriptor) throws StorageException {
        adopt(descriptor, "socket:", "socket");
        return new UnixStream(descriptor.number(), "the socket of descriptor " + descriptor.number());
    }

    @Override
    public void unmap(long address, long bytes) {
        Mem.unregister(address);
        try (Kernel kernel = Kernel.open()) {
            SharedMappings.unmap(kernel, address, bytes);
        }
    }

    @Override
    public Descriptor createMemory(String name, long bytes) throws StorageException {
        return MemoryFiles.create(name, bytes);
    }
}
