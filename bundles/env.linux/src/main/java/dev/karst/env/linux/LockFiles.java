package dev.karst.env.linux;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A file for each processor, which whoever runs there alone has locked, with the number of its process in it: by the names
 * and in the form of SPDK's, so that either program keeps off the other's processors.
 */
final class LockFiles {
    private final Path folder;
    private final Map<Integer, FileChannel> held = new HashMap<>();

    LockFiles(Path folder) {
        this.folder = folder;
    }

    synchronized void lock(int processor) throws StorageException {
        if (held.containsKey(processor)) {
            return;
        }
        Path file = folder.resolve(String.format("spdk_cpu_lock_%03d", processor));
        FileChannel channel = null;
        try {
            channel = open(file);
            if (!isLocked(channel)) {
                throw StorageException.errno(Errno.EBUSY, file + " is locked by process " + owner(channel));
            }
            channel.write(number().putInt((int) ProcessHandle.current().pid()).flip(), 0);
            held.put(processor, channel);
        } catch (IOException e) {
            throw new StorageException(-Errno.EACCES, "lock " + file + ": " + e.getMessage(), e);
        } finally {
            if (!held.containsKey(processor)) {
                close(channel);
            }
        }
    }

    /** Whoever may write to the folder could have put a link there. */
    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file,
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static int owner(FileChannel channel) throws IOException {
        ByteBuffer number = number();
        return channel.read(number, 0) == Integer.BYTES ? number.getInt(0) : 0;
    }

    private static ByteBuffer number() {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
    }

    synchronized void unlock(int processor) {
        close(held.remove(processor));
    }

    /** A file that cannot be closed is not written to and stays locked; nothing can be done about it. */
    private static void close(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                System.getLogger(LockFiles.class.getName()).log(System.Logger.Level.WARNING, "unlock: " + e.getMessage());
            }
        }
    }
}
