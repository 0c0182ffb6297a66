package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.env.linux.kernel.CpuMask;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/** The opening of an io_uring with as much as the kernel offers. include/uapi/linux/io_uring.h */
final class UringSetup {
    /** struct io_uring_params. */
    private static final int PARAMS_BYTES = 120;
    private static final int PARAMS_FLAGS = 8;
    private static final int PARAMS_FEATURES = 20;
    private static final int IORING_SETUP_COOP_TASKRUN = 1 << 8;
    private static final int IORING_SETUP_TASKRUN_FLAG = 1 << 9;
    private static final int IORING_SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int IORING_SETUP_DEFER_TASKRUN = 1 << 13;
    private static final int IORING_FEAT_SINGLE_MMAP = 1;
    private static final int IORING_REGISTER_EVENTFD = 4;
    private static final int IORING_REGISTER_IOWQ_AFF = 17;
    /** include/uapi/linux/eventfd.h */
    private static final int EFD_NONBLOCK_CLOEXEC = 0x80800;

    /** From Linux 6.1, 6.0, 5.19 on, and before. */
    private static final int[] FLAGS = {
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        0
    };

    private UringSetup() {}

    /** The descriptor, with what the kernel answered in the scratch; or a negative error number. */
    static int open(Kernel kernel, int entries) {
        int fd = -Errno.EINVAL;
        for (int i = 0; i < FLAGS.length && fd == -Errno.EINVAL; i++) {
            fd = open(kernel, entries, FLAGS[i]);
        }
        if (fd >= 0 && !complete(kernel)) {
            kernel.close(fd);
            return -Errno.ENOSYS;
        }
        return fd;
    }

    private static boolean complete(Kernel kernel) {
        return (Mem.getInt(kernel.scratch + PARAMS_FEATURES) & IORING_FEAT_SINGLE_MMAP) != 0
            && Mem.getInt(kernel.scratch + Uring.CQ_FLAGS) != 0;
    }

    private static int open(Kernel kernel, int entries, int flags) {
        Mem.fill(kernel.scratch, PARAMS_BYTES, (byte) 0);
        Mem.setInt(kernel.scratch + PARAMS_FLAGS, flags);
        return (int) kernel.call(Syscall.IO_URING_SETUP, entries, kernel.scratch, 0);
    }

    /**
     * An eventfd that tells of completions, or a negative error number. To watch the ring's own descriptor does not do:
     * under DEFER_TASKRUN nothing becomes readable there until the thread enters the kernel for it (seen to hang on
     * Linux 6.18).
     */
    static int announce(Kernel kernel, int fd) {
        int eventfd = (int) kernel.call(Syscall.EVENTFD2, 0, EFD_NONBLOCK_CLOEXEC, 0);
        if (eventfd < 0) {
            return eventfd;
        }
        Mem.setInt(kernel.scratch, eventfd);
        long result = kernel.call(Syscall.IO_URING_REGISTER, fd, IORING_REGISTER_EVENTFD, kernel.scratch, 1, 0);
        if (result < 0) {
            kernel.close(eventfd);
            return (int) result;
        }
        return eventfd;
    }

    /**
     * Keeps the kernel's worker threads on these processors. They inherit the reactor's one, and a reactor that spins
     * there would starve them.
     */
    static void bindWorkers(Kernel kernel, int fd, CpuMask processors) {
        int bytes = processors.write(kernel);
        kernel.call(Syscall.IO_URING_REGISTER, fd, IORING_REGISTER_IOWQ_AFF, kernel.scratch, bytes, 0);
    }
}
