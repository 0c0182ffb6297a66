package dev.karst.env.linux.file;

import dev.karst.base.Mem;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/**
 * What statx(2) says of a file. include/uapi/linux/stat.h
 *
 * @param mode type and permissions
 * @param size bytes, for a regular file
 * @param major number of the device that a device file stands for
 * @param minor likewise
 * @param identity what tells the file, or the device that a device file stands for, from all others
 * @param directKnown whether the kernel says what direct I/O needs
 * @param directAlignment what offsets, lengths and addresses of direct I/O must be a multiple of; 0 when there is no
 *     direct I/O
 */
record Statx(
    int mode, long size, int major, int minor, String identity, boolean directKnown, int directAlignment) {
    static final int AT_EMPTY_PATH = 0x1000;

    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_DIOALIGN = 0x2000;
    private static final int S_IFMT = 0xf000;
    private static final int S_IFDIR = 0x4000;
    private static final int S_IFBLK = 0x6000;
    private static final int S_IFREG = 0x8000;

    /** Offsets in struct statx. */
    private static final int STX_MASK = 0;
    private static final int STX_MODE = 28;
    private static final int STX_INO = 32;
    private static final int STX_SIZE = 40;
    private static final int STX_RDEV_MAJOR = 128;
    private static final int STX_RDEV_MINOR = 132;
    private static final int STX_DEV_MAJOR = 136;
    private static final int STX_DEV_MINOR = 140;
    private static final int STX_DIO_MEM_ALIGN = 152;
    private static final int STX_DIO_OFFSET_ALIGN = 156;

    /** Asks; the answer is then in the scratch. Returns 0 or a negative error number. */
    static long ask(Kernel kernel, int folder, long path, int flags) {
        return kernel.call(Syscall.STATX, folder, path, flags, STATX_BASIC_STATS | STATX_DIOALIGN, kernel.scratch);
    }

    /** The answer in the scratch. */
    static Statx answer(Kernel kernel) {
        long at = kernel.scratch;
        int alignment = Math.max(Mem.getInt(at + STX_DIO_MEM_ALIGN), Mem.getInt(at + STX_DIO_OFFSET_ALIGN));
        boolean known = (Mem.getInt(at + STX_MASK) & STATX_DIOALIGN) != 0;
        int mode = Mem.getU16(at + STX_MODE);
        int major = Mem.getInt(at + STX_RDEV_MAJOR);
        int minor = Mem.getInt(at + STX_RDEV_MINOR);
        String identity = (mode & S_IFMT) == S_IFBLK
            ? "device " + major + ":" + minor
            : "file " + Mem.getInt(at + STX_DEV_MAJOR) + ":" + Mem.getInt(at + STX_DEV_MINOR)
                + "/" + Mem.getLong(at + STX_INO);
        return new Statx(mode, Mem.getLong(at + STX_SIZE), major, minor, identity, known, known ? alignment : 0);
    }

    boolean isFolder() {
        return (mode & S_IFMT) == S_IFDIR;
    }

    boolean isBlockDevice() {
        return (mode & S_IFMT) == S_IFBLK;
    }

    boolean isRegular() {
        return (mode & S_IFMT) == S_IFREG;
    }
}
