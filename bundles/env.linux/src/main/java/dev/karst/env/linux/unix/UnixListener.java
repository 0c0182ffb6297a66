package dev.karst.env.linux.unix;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import dev.karst.env.unix.UnixServer;
import dev.karst.env.unix.UnixSocket;
import java.nio.file.Path;

/** A listening socket. */
final class UnixListener extends UnixServer {
    private static final int NONBLOCK_CLOEXEC = 0x80800;

    private final int fd;
    private final Path path;
    private boolean closed;

    UnixListener(int fd, Path path) {
        this.fd = fd;
        this.path = path;
    }

    @Override
    public UnixSocket accept(long timeoutMs) throws StorageException {
        String what = "accept at " + path;
        var waiting = new Waiting(timeoutMs);
        try (Kernel kernel = Kernel.open()) {
            for (;;) {
                long result = acceptNow(kernel);
                if (result >= 0) {
                    return new UnixStream((int) result, path.toString());
                }
                if (result != -Errno.EAGAIN) {
                    throw Failure.of(result, what);
                }
                waiting.until(kernel, fd, Waiting.POLLIN, what);
            }
        }
    }

    private synchronized long acceptNow(Kernel kernel) {
        return closed ? -Errno.ECANCELED : kernel.call(Syscall.ACCEPT4, fd, 0, 0, NONBLOCK_CLOEXEC, 0);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            LinuxUnixSockets.remove(path);
            Waiters.end(fd);
            try (Kernel kernel = Kernel.open()) {
                kernel.close(fd);
            }
        }
    }
}
