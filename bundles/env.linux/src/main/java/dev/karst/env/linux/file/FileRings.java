package dev.karst.env.linux.file;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.FileRing;
import dev.karst.env.Threads;
import dev.karst.env.linux.kernel.CpuMask;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import java.lang.System.Logger.Level;

/** Opens rings: io_uring, or helper threads where io_uring is forbidden or switched off. */
public final class FileRings {
    /** Most operations in flight: half of IORING_MAX_ENTRIES, because each may be cancelled. io_uring/io_uring.h */
    private static final int MAX_DEPTH = 16384;

    private static final System.Logger LOG = System.getLogger(FileRings.class.getName());

    private final Threads threads;
    private volatile boolean uring;

    /** Opens rings of helper threads unless {@code uring}. */
    public FileRings(Threads threads, boolean uring) {
        this.threads = threads;
        this.uring = uring;
    }

    /**
     * Opens a ring for the calling thread; the kernel's or our helper threads run on {@code elsewhere} unless it is
     * null.
     */
    public FileRing open(EventSet events, int depth, CpuMask elsewhere) throws StorageException {
        if (depth <= 0 || depth > MAX_DEPTH || Integer.bitCount(depth) != 1) {
            throw Failure.refused(Errno.EINVAL, "open a file ring for " + depth + " operations",
                "the number must be a power of two up to " + MAX_DEPTH);
        }
        if (uring && usable()) {
            return new UringFileRing(events, depth, elsewhere);
        }
        return new ThreadFileRing(events, depth, threads, elsewhere);
    }

    /** Opens a small one to see. What forbids it stays, so it is asked until it fails once. */
    private boolean usable() throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            int fd = UringSetup.open(kernel, 1);
            if (fd >= 0) {
                kernel.close(fd);
                return true;
            }
            if (fd == -Errno.EMFILE) {
                throw unopened(fd);
            }
            uring = false;
            LOG.log(Level.INFO, "io_uring is not available ({0}); helper threads do the file I/O", Errno.text(-fd));
            return false;
        }
    }

    static StorageException unopened(int result) {
        return Failure.of(result, "open an io_uring");
    }
}
