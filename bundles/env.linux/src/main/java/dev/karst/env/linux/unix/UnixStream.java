package dev.karst.env.linux.unix;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.UnixSocket;
import java.util.List;

/** A connected socket. */
final class UnixStream extends UnixSocket {
    private static final int SHUT_RDWR = 2;
    private static final int[] NO_DESCRIPTORS = {};

    private final int fd;
    private final String path;
    private boolean closed;

    UnixStream(int fd, String path) {
        this.fd = fd;
        this.path = path;
    }

    @Override
    public void send(long address, int length, int[] descriptors, long timeoutMs) throws StorageException {
        String what = "send to " + path;
        if (descriptors.length > MOST_DESCRIPTORS) {
            throw Failure.refused(Errno.EINVAL, what, descriptors.length + " descriptors are too many");
        }
        var waiting = new Waiting(timeoutMs);
        int[] beside = descriptors;
        int sent = 0;
        try (Kernel kernel = Kernel.open()) {
            while (sent < length) {
                long result = Message.send(kernel, fd, address + sent, length - sent, beside);
                if (result > 0) {
                    sent += (int) result;
                    beside = NO_DESCRIPTORS;
                } else {
                    retry(kernel, result, Waiting.POLLOUT, waiting, what);
                }
            }
        }
    }

    @Override
    public void receive(long address, int length, List<Descriptor> descriptors, long timeoutMs) throws StorageException {
        String what = "receive from " + path;
        var waiting = new Waiting(timeoutMs);
        int received = 0;
        try (Kernel kernel = Kernel.open()) {
            while (received < length) {
                long result = Message.receive(kernel, fd, address + received, length - received, descriptors);
                if (result == 0) {
                    throw Failure.of(-Errno.ECONNRESET, what);
                }
                if (result < 0) {
                    retry(kernel, result, Waiting.POLLIN, waiting, what);
                } else if (Message.isCut(kernel) || descriptors.size() > MOST_DESCRIPTORS) {
                    throw Failure.refused(Errno.EPROTO, what, "it passes more than " + MOST_DESCRIPTORS + " descriptors");
                } else {
                    received += (int) result;
                }
            }
        }
    }

    private void retry(Kernel kernel, long result, int events, Waiting waiting, String what) throws StorageException {
        if (result == -Errno.EAGAIN) {
            waiting.until(kernel, fd, events, what);
        } else if (result != -Errno.EINTR) {
            throw Failure.of(result, what);
        }
    }

    @Override
    public boolean awaitEnd(long timeoutMs) {
        var waiting = new Waiting(timeoutMs);
        while (!isEnded()) {
            if (!waiting.rest()) {
                return false;
            }
        }
        return true;
    }

    private synchronized boolean isEnded() {
        try (Kernel kernel = Kernel.open()) {
            return closed || Waiting.now(kernel, fd, Waiting.POLLRDHUP);
        }
    }

    @Override
    public synchronized void shutdown() {
        if (!closed) {
            try (Kernel kernel = Kernel.open()) {
                kernel.call(Syscall.SHUTDOWN, fd, SHUT_RDWR, 0);
            }
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            try (Kernel kernel = Kernel.open()) {
                kernel.close(fd);
            }
        }
    }
}
