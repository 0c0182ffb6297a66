package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** System calls on paths. Each returns what the kernel returned. */
public final class Calls {
    /** include/uapi/linux/fcntl.h */
    static final int AT_FDCWD = -100;
    /** include/uapi/asm-generic/fcntl.h, arch/arm64/include/uapi/asm/fcntl.h */
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    static final int O_TRUNC = 0x200;
    static final int O_CLOEXEC = 0x80000;
    static final int O_DIRECT = Syscall.number(0x4000, 0x10000);
    static final int O_DIRECTORY = Syscall.number(0x10000, 0x4000);

    private static final int RENAME_NOREPLACE = 1;
    /** Only the owner may read what a block device holds. */
    private static final int MODE = 0600;

    private Calls() {}

    /** Opens; nobody that this process starts inherits it. Returns a descriptor or a negative error number. */
    public static int open(Kernel kernel, Path path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            long name = text(arena, path);
            return (int) kernel.call(Syscall.OPENAT, AT_FDCWD, name, flags | O_CLOEXEC, MODE, 0);
        }
    }

    static long stat(Kernel kernel, Path path) {
        try (Arena arena = Arena.ofConfined()) {
            return Statx.ask(kernel, AT_FDCWD, text(arena, path), 0);
        }
    }

    /** Gives {@code from} the name {@code to} unless there is such a thing. */
    static long rename(Kernel kernel, Path from, Path to) {
        try (Arena arena = Arena.ofConfined()) {
            long old = text(arena, from);
            long name = text(arena, to);
            long result = kernel.call(Syscall.RENAMEAT2, AT_FDCWD, old, AT_FDCWD, name, RENAME_NOREPLACE);
            if (result != -Errno.EINVAL && result != -Errno.ENOSYS) {
                return result;
            }
            result = kernel.call(Syscall.LINKAT, AT_FDCWD, old, AT_FDCWD, name, 0);
            return result < 0 ? result : kernel.call(Syscall.UNLINKAT, AT_FDCWD, old, 0);
        }
    }

    /** Gives {@code from} the name {@code to}, whoever has it. */
    static long replace(Kernel kernel, Path from, Path to) {
        try (Arena arena = Arena.ofConfined()) {
            return kernel.call(Syscall.RENAMEAT2, AT_FDCWD, text(arena, from), AT_FDCWD, text(arena, to), 0);
        }
    }

    static long unlink(Kernel kernel, Path path) {
        try (Arena arena = Arena.ofConfined()) {
            return kernel.call(Syscall.UNLINKAT, AT_FDCWD, text(arena, path), 0);
        }
    }

    /** Repeats a call that a signal interrupted. */
    static long uninterrupted(Kernel kernel, int number, long a, long b, long c) {
        long result;
        do {
            result = kernel.call(number, a, b, c);
        } while (result == -Errno.EINTR);
        return result;
    }

    private static long text(Arena arena, Path path) {
        return arena.allocateFrom(path.toString()).address();
    }
}
