package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The making of one file: under another name in the same folder, made durable, then given its name, and the folder made
 * durable. Until it has ended well, closing undoes it.
 */
final class FileCreation implements AutoCloseable {
    private static final AtomicLong NUMBER = new AtomicLong();

    private final Kernel kernel = Kernel.open();
    private final Path path;
    private final Path folder;
    /** What is removed when this ends before it is done: first the passing name, then the real one, then nothing. */
    private Path undo;

    FileCreation(Path path) {
        this.path = path.toAbsolutePath();
        folder = this.path.getParent();
    }

    void run(long bytes) throws StorageException {
        if (bytes < 0) {
            throw Failure.refused(Errno.EINVAL, what(), "a length of " + bytes + " bytes makes no sense");
        }
        if (folder == null || java.nio.file.Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            throw Failure.of(-Errno.EEXIST, what());
        }
        Path passing = folder.resolve(passingName());
        fill(passing, bytes);
        check(Calls.rename(kernel, passing, path));
        undo = path;
        sync(folder, Calls.O_RDONLY | Calls.O_DIRECTORY);
        undo = null;
    }

    /** Short, so that it fits wherever the name itself does; unlike any other of this or another process. */
    private static String passingName() {
        return ".karst-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    }

    private void fill(Path passing, long bytes) throws StorageException {
        int fd = Calls.open(kernel, passing, Calls.O_RDWR | Calls.O_CREAT | Calls.O_EXCL);
        check(fd);
        undo = passing;
        try {
            check(Calls.uninterrupted(kernel, Syscall.FTRUNCATE, fd, bytes, 0));
            check(Calls.uninterrupted(kernel, Syscall.FSYNC, fd, 0, 0));
        } finally {
            kernel.close(fd);
        }
    }

    private void sync(Path name, int flags) throws StorageException {
        int fd = Calls.open(kernel, name, flags);
        check(fd);
        try {
            check(Calls.uninterrupted(kernel, Syscall.FSYNC, fd, 0, 0));
        } finally {
            kernel.close(fd);
        }
    }

    private void check(long result) throws StorageException {
        if (result < 0) {
            throw Failure.of(result, what());
        }
    }

    private String what() {
        return "create " + path;
    }

    @Override
    public void close() {
        if (undo != null) {
            Calls.unlink(kernel, undo);
        }
        kernel.close();
    }
}
