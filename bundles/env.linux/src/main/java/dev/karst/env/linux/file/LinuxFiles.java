package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import dev.karst.env.Files;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Regular files and block devices, opened past the page cache where that is possible. */
public final class LinuxFiles implements Files {
    @Override
    public DataFile open(Path path, boolean readOnly) throws StorageException {
        String what = "open " + path;
        try (Kernel kernel = Kernel.open()) {
            Statx stat = look(kernel, path, what);
            if (!readOnly && stat.isBlockDevice() && SysBlock.isReadOnly(stat)) {
                throw Failure.refused(Errno.EROFS, what, "the device can only be read; open it read-only");
            }
            int access = readOnly ? Calls.O_RDONLY : Calls.O_RDWR;
            int fd = Calls.open(kernel, path, access | Calls.O_DIRECT);
            int alignment = fd < 0 ? 1 : DirectAlignment.of(kernel, fd, stat);
            if (alignment == 1 && (fd >= 0 || fd == -Errno.EINVAL)) {
                if (fd >= 0) {
                    kernel.close(fd);
                }
                fd = Calls.open(kernel, path, access);
            }
            if (fd < 0) {
                throw Failure.of(fd, what);
            }
            return new LinuxDataFile(fd, path, readOnly, alignment, stat);
        }
    }

    /** Looks before opening: to open a pipe waits, and some devices act on it. */
    private static Statx look(Kernel kernel, Path path, String what) throws StorageException {
        long result = Calls.stat(kernel, path);
        if (result < 0) {
            throw Failure.of(result, what);
        }
        Statx stat = Statx.answer(kernel);
        if (stat.isFolder()) {
            throw Failure.of(-Errno.EISDIR, what);
        }
        if (!stat.isRegular() && !stat.isBlockDevice()) {
            throw Failure.refused(Errno.EINVAL, what, "it is neither a regular file nor a block device");
        }
        return stat;
    }

    @Override
    public void create(Path path, long bytes) throws StorageException {
        try (FileCreation creation = new FileCreation(path)) {
            creation.run(bytes);
        }
    }

    @Override
    public void delete(Path path) throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            long result = Calls.unlink(kernel, path);
            if (result < 0) {
                throw Failure.of(result, "delete " + path);
            }
        }
    }

    @Override
    public boolean exists(Path path) {
        return java.nio.file.Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public boolean isPrivate(Path path) throws StorageException {
        return SmallFiles.isPrivate(path);
    }

    @Override
    public byte[] read(Path path, int most) throws StorageException {
        return SmallFiles.read(path, most);
    }

    @Override
    public void write(Path path, byte[] content) throws StorageException {
        SmallFiles.write(path, content);
    }

    @Override
    public void writeAt(Path path, long offset, byte[] content) throws StorageException {
        SmallFiles.writeAt(path, offset, content);
    }

    @Override
    public void sync(Path path) throws StorageException {
        SmallFiles.sync(path, Calls.O_RDONLY);
    }

    @Override
    public void rename(Path from, Path to) throws StorageException {
        SmallFiles.rename(from, to);
    }

    @Override
    public void syncFolder(Path folder) throws StorageException {
        SmallFiles.sync(folder, Calls.O_RDONLY | Calls.O_DIRECTORY);
    }
}
