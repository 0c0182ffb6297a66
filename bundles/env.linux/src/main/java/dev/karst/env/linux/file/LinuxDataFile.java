package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.nio.file.Path;

/** An open file or block device. */
final class LinuxDataFile extends DataFile {
    /** include/uapi/linux/fs.h: _IOR(0x12, 114, size_t) */
    private static final int BLKGETSIZE64 = 0x80081272;
    /** include/uapi/linux/fs.h: _IO(0x12, 123) */
    private static final int BLKPBSZGET = 0x127b;
    /** include/uapi/linux/fs.h */
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int PAGE = 4096;

    private final Path path;
    private final boolean readOnly;
    private final int alignment;
    private final boolean device;
    private final boolean punches;
    private final int physicalBlockSize;
    private final String identity;
    /** Set when the file system turned out not to zero ranges: it punches them then. Any reactor finds out for all. */
    private volatile boolean zeroByPunch;
    private volatile int fd;

    LinuxDataFile(int fd, Path path, boolean readOnly, int alignment, Statx stat) {
        this.fd = fd;
        this.path = path;
        this.readOnly = readOnly;
        this.alignment = alignment;
        device = stat.isBlockDevice();
        identity = stat.identity();
        physicalBlockSize = Math.max(alignment, device ? physical() : 0);
        punches = !readOnly && (device ? SysBlock.zeroes(stat) : filePunches(stat.size()));
    }

    private int physical() {
        try (Kernel kernel = Kernel.open()) {
            Mem.setInt(kernel.scratch, 0);
            kernel.call(Syscall.IOCTL, fd, BLKPBSZGET, kernel.scratch);
            return Mem.getInt(kernel.scratch);
        }
    }

    /** Punches behind the end of the file, which changes nothing and fails where it cannot be done. */
    private boolean filePunches(long size) {
        long behind = (size + PAGE - 1) / PAGE * PAGE;
        try (Kernel kernel = Kernel.open()) {
            return kernel.call(Syscall.FALLOCATE, fd, Fallocate.PUNCH, behind, PAGE, 0) == 0;
        }
    }

    /** The descriptor, or -1 once closed. */
    int fd() {
        return fd;
    }

    /** Whether a range is zeroed by punching it. */
    boolean zeroesByPunch() {
        return zeroByPunch;
    }

    /**
     * Whether a range that could not be zeroed is to be tried again as a punch; from now on at once. The caller asks for
     * each operation that was not begun as a punch: several may be on their way when the first finds out.
     */
    boolean fallsBackToPunch(int result) {
        boolean falls = result == -Errno.EOPNOTSUPP && punches;
        if (falls) {
            zeroByPunch = true;
        }
        return falls;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Object identity() {
        return identity;
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public int alignment() {
        return alignment;
    }

    @Override
    public boolean punches() {
        return punches;
    }

    /** The kernel knows it of no block device. */
    @Override
    public boolean seeks() {
        return !device;
    }

    @Override
    public long seek(long offset, boolean hole) throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            long found = kernel.call(Syscall.LSEEK, fd, offset, hole ? SEEK_HOLE : SEEK_DATA);
            if (found < 0 && found != -Errno.ENXIO) {
                throw Failure.of(found, "find " + (hole ? "a hole" : "data") + " in " + path);
            }
            return found < 0 ? size() : found;
        }
    }

    @Override
    public int physicalBlockSize() {
        return physicalBlockSize;
    }

    @Override
    public void resize(long bytes) throws StorageException {
        String what = "give " + path + " a length of " + bytes + " bytes";
        if (device) {
            throw Failure.refused(Errno.EOPNOTSUPP, what, "it is a block device, whose size its maker sets");
        }
        if (readOnly) {
            throw Failure.of(-Errno.EROFS, what);
        }
        try (Kernel kernel = Kernel.open()) {
            long result = Calls.uninterrupted(kernel, Syscall.FTRUNCATE, fd, bytes, 0);
            result = result < 0 ? result : Calls.uninterrupted(kernel, Syscall.FSYNC, fd, 0, 0);
            if (result < 0) {
                throw Failure.of(result, what);
            }
        }
    }

    @Override
    public long size() throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            long result = device
                ? kernel.call(Syscall.IOCTL, fd, BLKGETSIZE64, kernel.scratch)
                : Statx.ask(kernel, fd, emptyPath(kernel), Statx.AT_EMPTY_PATH);
            if (result < 0) {
                throw Failure.of(result, "read the size of " + path);
            }
            return device ? Mem.getLong(kernel.scratch) : Statx.answer(kernel).size();
        }
    }

    /** An empty string behind where the answer goes. */
    private static long emptyPath(Kernel kernel) {
        long at = kernel.scratch + 1024;
        Mem.setByte(at, (byte) 0);
        return at;
    }

    @Override
    public void close() {
        int old = fd;
        fd = -1;
        if (old >= 0) {
            try (Kernel kernel = Kernel.open()) {
                kernel.close(old);
            }
        }
    }
}
