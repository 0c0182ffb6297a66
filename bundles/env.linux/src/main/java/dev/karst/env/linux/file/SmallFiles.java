package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that are read and written as a whole, through the page cache. */
final class SmallFiles {
    /** A descriptor is used for something that may fail. */
    @FunctionalInterface
    private interface Use {
        void of(Kernel kernel, int fd) throws StorageException;
    }

    private static final int READ_BYTES = 64 << 10;
    /** Permission bits of the group and of all others. */
    private static final int OTHERS = 077;

    private SmallFiles() {}

    private static void with(Path path, int flags, String what, Use use) throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            int fd = (int) check(Calls.open(kernel, path, flags), what);
            try {
                use.of(kernel, fd);
            } finally {
                kernel.close(fd);
            }
        }
    }

    private static long check(long result, String what) throws StorageException {
        if (result < 0) {
            throw Failure.of(result, what);
        }
        return result;
    }

    /** The files of a process in proc(5) belong to whom it runs as. */
    static boolean isPrivate(Path path) throws StorageException {
        try {
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            return (mode & OTHERS) == 0
                && Files.getAttribute(path, "unix:uid").equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (NoSuchFileException e) {
            throw new StorageException(-Errno.ENOENT, path + ": " + Errno.text(Errno.ENOENT), e);
        } catch (IOException e) {
            throw new StorageException(-Errno.EACCES, path + ": " + e.getMessage(), e);
        }
    }

    static byte[] read(Path path, int most) throws StorageException {
        String what = "read " + path;
        var read = new ByteArrayOutputStream();
        with(path, Calls.O_RDONLY, what, (kernel, fd) -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment room = arena.allocate(READ_BYTES);
                long part;
                do {
                    part = check(Calls.uninterrupted(kernel, Syscall.READ, fd, room.address(), READ_BYTES), what);
                    read.writeBytes(room.asSlice(0, part).toArray(ValueLayout.JAVA_BYTE));
                    if (read.size() > most) {
                        throw Failure.refused(Errno.EFBIG, what, "it holds more than " + most + " bytes");
                    }
                } while (part > 0);
            }
        });
        return read.toByteArray();
    }

    static void write(Path path, byte[] content) throws StorageException {
        String what = "write " + path;
        with(path, Calls.O_RDWR | Calls.O_CREAT | Calls.O_TRUNC, what, (kernel, fd) -> put(kernel, fd, 0, content, what));
    }

    static void writeAt(Path path, long offset, byte[] content) throws StorageException {
        String what = "write " + path;
        with(path, Calls.O_RDWR, what, (kernel, fd) -> put(kernel, fd, offset, content, what));
    }

    private static void put(Kernel kernel, int fd, long offset, byte[] content, String what) throws StorageException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, content.length));
            MemorySegment.copy(content, 0, bytes, ValueLayout.JAVA_BYTE, 0, content.length);
            for (int done = 0; done < content.length;) {
                long result;
                do {
                    result = kernel.call(
                        Syscall.PWRITE64, fd, bytes.address() + done, content.length - done, offset + done, 0);
                } while (result == -Errno.EINTR);
                done += (int) check(result, what);
            }
        }
    }

    /** What is needed to read the content again; a time of change is not. */
    static void sync(Path path, int flags) throws StorageException {
        String what = "sync " + path;
        with(path, flags, what, (kernel, fd) ->
            check(Calls.uninterrupted(kernel, Syscall.FDATASYNC, fd, 0, 0), what));
    }

    static void rename(Path from, Path to) throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            check(Calls.replace(kernel, from, to), "rename " + from + " to " + to);
        }
    }
}
