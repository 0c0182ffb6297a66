package dev.karst.env.linux.unix;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.SharedFile;
import java.nio.charset.StandardCharsets;

/** Files that lie in memory alone. memfd_create(2), fcntl(2), fstatfs(2) */
final class MemoryFiles {
    private static final int MFD_CLOEXEC_ALLOW_SEALING = 3;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int SEAL_SHRINK = 0x2;
    private static final int SEAL_GROW = 0x4;
    private static final int SEEK_END = 2;
    /** struct statfs on 64-bit systems: f_type, f_bsize, 8 bytes each. include/uapi/linux/magic.h */
    private static final int F_BSIZE = 8;
    private static final long TMPFS_MAGIC = 0x0102_1994;
    private static final long HUGETLBFS_MAGIC = 0x9584_58f6L;
    private static final long PAGE = 4096;
    private static final int NAME_BYTES = 200;

    private MemoryFiles() {}

    static SharedFile look(Kernel kernel, int fd) {
        boolean known = kernel.call(Syscall.FSTATFS, fd, kernel.scratch, 0) == 0;
        long type = known ? Mem.getLong(kernel.scratch) : 0;
        long blockBytes = Mem.getLong(kernel.scratch + F_BSIZE);
        // Only memory files have seals, and of those only regular ones.
        long seals = kernel.call(Syscall.FCNTL, fd, F_GET_SEALS, 0);
        boolean isMemory = seals >= 0 && (type == TMPFS_MAGIC || type == HUGETLBFS_MAGIC);
        long bytes = isMemory ? kernel.call(Syscall.LSEEK, fd, 0, SEEK_END) : 0;
        return new SharedFile(Math.max(bytes, 0), isMemory, isMemory && (seals & SEAL_SHRINK) != 0,
            type == HUGETLBFS_MAGIC ? blockBytes : PAGE);
    }

    static Descriptor create(String name, long bytes) throws StorageException {
        String what = "make memory " + name + " of " + bytes + " bytes";
        byte[] text = (name + "\0").getBytes(StandardCharsets.UTF_8);
        if (text.length > NAME_BYTES) {
            throw Failure.refused(Errno.EINVAL, what, "its name has more than " + NAME_BYTES + " bytes");
        }
        try (Kernel kernel = Kernel.open()) {
            Mem.put(kernel.scratch, text, 0, text.length);
            int fd = (int) kernel.call(Syscall.MEMFD_CREATE, kernel.scratch, MFD_CLOEXEC_ALLOW_SEALING, 0);
            if (fd < 0) {
                throw Failure.of(fd, what);
            }
            long result = kernel.call(Syscall.FTRUNCATE, fd, bytes, 0);
            if (result == 0) {
                result = kernel.call(Syscall.FCNTL, fd, F_ADD_SEALS, SEAL_SHRINK | SEAL_GROW);
            }
            if (result < 0) {
                kernel.close(fd);
                throw Failure.of(result, what);
            }
            return new HeldDescriptor(fd);
        }
    }
}
