package dev.karst.bdev.file;

import dev.karst.base.DataFolder;
import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.Geometry;
import dev.karst.env.DataFile;
import dev.karst.env.Environment;
import dev.karst.env.FileRing;
import dev.karst.env.Files;
import dev.karst.rpc.RpcError;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Finds, or makes, and opens the file of a device, and holds it against what was asked. What fails leaves nothing
 * behind.
 */
final class FileMaker {
    private static final int SMALLEST_BLOCK = 512;

    private final OpenFiles open;

    FileMaker(OpenFiles open) {
        this.open = open;
    }

    /** A device on the file that was named; {@code whenGone} hears when it is destroyed. */
    FileBdev make(Creation creation, Flavor flavor, Consumer<FileBdev> whenGone) throws StorageException {
        Path path = path(creation);
        boolean made = createIfMissing(creation, path);
        boolean whole = false;
        try {
            FileBdev bdev = open(creation, flavor, path, whenGone);
            whole = true;
            return bdev;
        } finally {
            if (made && !whole) {
                files(creation).delete(path);
            }
        }
    }

    private static Files files(Creation creation) {
        return creation.host().environment().files();
    }

    /**
     * The same for the same file and name on the same machine: hosts know a device again that was made anew at a
     * restart.
     */
    static UUID uuid(Environment environment, String filename, String name) {
        String device = "karst file " + environment.machineId() + " " + DataFolder.resolve(filename) + " " + name;
        return UUID.nameUUIDFromBytes(device.getBytes(StandardCharsets.UTF_8));
    }

    private static Path path(Creation creation) throws StorageException {
        String filename = creation.call().string("filename");
        try {
            if (filename.isEmpty()) {
                throw creation.refused(Errno.EINVAL, "filename is empty; name a file or a block device");
            }
            Path path = DataFolder.resolve(filename);
            if (!Path.of(filename).isAbsolute() && !path.startsWith(DataFolder.resolve(""))) {
                throw RpcError.invalidParameters("Invalid parameters: filename " + filename
                    + " leads out of the data folder; give a path from the root to mean a file elsewhere");
            }
            return path;
        } catch (InvalidPathException e) {
            throw creation.refused(Errno.EINVAL, "filename is no path: " + e.getReason());
        }
    }

    private static boolean createIfMissing(Creation creation, Path path) throws StorageException {
        if (files(creation).exists(path)) {
            return false;
        }
        long mebibytes = creation.call().number("create_size_mib", 0);
        if (mebibytes == 0) {
            throw creation.refused(
                Errno.ENOENT, "there is no file " + path + "; create it, or give create_size_mib to have it created");
        }
        if (mebibytes > Long.MAX_VALUE >> 20) {
            throw creation.refused(Errno.EFBIG, "create_size_mib is " + mebibytes + "; no file can be so large");
        }
        files(creation).create(path, mebibytes << 20);
        return true;
    }

    private FileBdev open(Creation creation, Flavor flavor, Path path, Consumer<FileBdev> whenGone)
        throws StorageException {
        boolean readOnly = creation.call().flag("readonly", false);
        DataFile file = files(creation).open(path, readOnly);
        boolean kept = false;
        try {
            Geometry geometry = geometry(creation, flavor, file);
            enter(creation, file);
            kept = true;
            Executor background = creation.host().environment().threads().background();
            return new FileBdev(geometry, flavor, file, creation.call(), background, gone -> {
                open.leave(file.identity());
                whenGone.accept(gone);
            });
        } finally {
            if (!kept) {
                file.close();
            }
        }
    }

    private void enter(Creation creation, DataFile file) throws StorageException {
        String other = open.enter(file.identity(), creation.name(), file.readOnly());
        if (other != null) {
            throw creation.refused(
                Errno.EBUSY, "the file " + file.path() + " is in use by " + other
                    + "; delete that first, or open both with readonly");
        }
    }

    private static Geometry geometry(Creation creation, Flavor flavor, DataFile file) throws StorageException {
        int alignment = file.alignment();
        int blockSize = creation.blockSize(Math.max(SMALLEST_BLOCK, alignment));
        if (blockSize % alignment != 0) {
            throw creation.refused(
                Errno.EINVAL, "block_size is " + blockSize + ", but I/O on " + file.path() + " must be aligned to "
                    + alignment + " bytes; leave block_size out or give " + alignment);
        }
        long bytes = file.size();
        if (bytes < blockSize || bytes % blockSize != 0) {
            throw creation.refused(
                Errno.EINVAL, "the file " + file.path() + " has " + bytes + " bytes, which are not whole blocks of "
                    + blockSize + "; give it a multiple of that (truncate -s), or another block_size");
        }
        return Geometry.of(creation.name(), creation.uuid(), flavor.productName(), blockSize, bytes / blockSize)
            .with(Math.max(blockSize, file.physicalBlockSize()), file.readOnly(), true, file.punches())
            .limited(FileChannel.MAX_TRANSFER_BYTES / blockSize, FileRing.MAX_SEGMENTS, 0, alignment);
    }
}
