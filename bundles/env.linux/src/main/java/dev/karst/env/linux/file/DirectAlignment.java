package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.lang.foreign.Arena;

/** What direct I/O on a file must be a multiple of. */
final class DirectAlignment {
    /** include/uapi/linux/fs.h */
    private static final int BLKSSZGET = 0x1268;
    private static final int PAGE = 4096;
    private static final int SECTOR = 512;

    private DirectAlignment() {}

    /** The alignment, or 1 when the file is not read past the page cache. */
    static int of(Kernel kernel, int fd, Statx stat) {
        if (stat.directKnown()) {
            return Math.max(1, stat.directAlignment());
        }
        return stat.isBlockDevice() ? sector(kernel, fd) : probe(kernel, fd, stat.size());
    }

    private static int sector(Kernel kernel, int fd) {
        Mem.setInt(kernel.scratch, PAGE);
        kernel.call(Syscall.IOCTL, fd, BLKSSZGET, kernel.scratch);
        return Mem.getInt(kernel.scratch);
    }

    /** Kernels before 6.1 do not say, and some file systems never do: tries what goes. An empty file shows nothing. */
    private static int probe(Kernel kernel, int fd, long size) {
        if (size < PAGE) {
            return PAGE;
        }
        try (Arena arena = Arena.ofConfined()) {
            long buffer = arena.allocate(PAGE, PAGE).address();
            int alignment = 1;
            while (alignment < PAGE && kernel.call(Syscall.PREAD64, fd, buffer, alignment) == -Errno.EINVAL) {
                alignment = alignment == 1 ? SECTOR : alignment * 2;
            }
            return alignment;
        }
    }
}
