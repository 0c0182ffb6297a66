package dev.karst.env.linux.kernel;

/**
 * Numbers of the system calls in use. Linux, arch/x86/entry/syscalls/syscall_64.tbl and
 * include/uapi/asm-generic/unistd.h (aarch64, compiled but not yet run).
 */
public final class Syscall {
    /** Whether this is x86-64; otherwise aarch64 is taken for granted. */
    public static final boolean X86 = "amd64".equals(System.getProperty("os.arch"));

    public static final int READ = number(0, 63);
    public static final int WRITE = number(1, 64);
    public static final int CLOSE = number(3, 57);
    public static final int LSEEK = number(8, 62);
    public static final int MMAP = number(9, 222);
    public static final int MPROTECT = number(10, 226);
    public static final int MUNMAP = number(11, 215);
    public static final int IOCTL = number(16, 29);
    public static final int PREAD64 = number(17, 67);
    public static final int PWRITE64 = number(18, 68);
    public static final int MREMAP = number(25, 216);
    public static final int MADVISE = number(28, 233);
    public static final int SOCKET = number(41, 198);
    public static final int CONNECT = number(42, 203);
    public static final int SENDMSG = number(46, 211);
    public static final int RECVMSG = number(47, 212);
    public static final int SHUTDOWN = number(48, 210);
    public static final int BIND = number(49, 200);
    public static final int LISTEN = number(50, 201);
    public static final int GETSOCKNAME = number(51, 204);
    public static final int SETSOCKOPT = number(54, 208);
    public static final int FCNTL = number(72, 25);
    public static final int FLOCK = number(73, 32);
    public static final int FSYNC = number(74, 82);
    public static final int FDATASYNC = number(75, 83);
    public static final int FTRUNCATE = number(77, 46);
    public static final int FCHMOD = number(91, 52);
    public static final int GETRUSAGE = number(98, 165);
    public static final int FSTATFS = number(138, 44);
    public static final int SCHED_SETAFFINITY = number(203, 122);
    public static final int SCHED_GETAFFINITY = number(204, 123);
    public static final int CLOCK_GETTIME = number(228, 113);
    public static final int EPOLL_CTL = number(233, 21);
    public static final int OPENAT = number(257, 56);
    public static final int UNLINKAT = number(263, 35);
    public static final int LINKAT = number(265, 37);
    public static final int PPOLL = number(271, 73);
    public static final int EPOLL_PWAIT = number(281, 22);
    public static final int FALLOCATE = number(285, 47);
    public static final int ACCEPT4 = number(288, 242);
    public static final int EVENTFD2 = number(290, 19);
    public static final int EPOLL_CREATE1 = number(291, 20);
    public static final int PREADV = number(295, 69);
    public static final int PWRITEV = number(296, 70);
    public static final int RENAMEAT2 = number(316, 276);
    public static final int MEMFD_CREATE = number(319, 279);
    public static final int STATX = number(332, 291);
    public static final int IO_URING_SETUP = 425;
    public static final int IO_URING_ENTER = 426;
    public static final int IO_URING_REGISTER = 427;
    public static final int EPOLL_PWAIT2 = 441;

    private Syscall() {}

    /** What differs between x86-64 and aarch64. */
    public static int number(int x86, int aarch64) {
        return X86 ? x86 : aarch64;
    }
}
