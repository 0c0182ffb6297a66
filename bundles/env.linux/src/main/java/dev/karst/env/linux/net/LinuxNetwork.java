package dev.karst.env.linux.net;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Network;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/** TCP over IPv4 and IPv6. */
public final class LinuxNetwork implements Network {
    private volatile SocketBuffers buffers = SocketBuffers.BY_KERNEL;

    /** What sockets have that are opened from now on. */
    public SocketBuffers buffers() {
        return buffers;
    }

    /** Gives sockets that are opened from now on, and what is accepted on them, such buffers. */
    public void buffers(SocketBuffers buffers) {
        this.buffers = buffers;
    }

    @Override
    public ServerSocket listen(String address, int port, int backlog) throws StorageException {
        Endpoint endpoint = Endpoint.of(address, port);
        String what = "listen on " + endpoint;
        try (Kernel kernel = Kernel.open()) {
            int fd = Sockets.open(kernel, endpoint, what);
            Sockets.prepareListener(kernel, fd, endpoint);
            Sockets.size(kernel, fd, buffers);
            long result = kernel.call(Syscall.BIND, fd, kernel.scratch, endpoint.write(kernel.scratch));
            if (result == 0) {
                result = kernel.call(Syscall.LISTEN, fd, backlog, 0);
            }
            if (result < 0) {
                kernel.close(fd);
                throw Failure.of(result, what);
            }
            return new TcpServerSocket(fd, Endpoint.local(kernel, fd));
        }
    }

    @Override
    public StreamSocket connect(String address, int port, String local) throws StorageException {
        Endpoint endpoint = Endpoint.of(address, port);
        Kernel kernel = Kernel.open();
        int fd = -1;
        try {
            fd = open(kernel, endpoint, local);
        } finally {
            if (fd < 0) {
                kernel.close();
            }
        }
        Sockets.size(kernel, fd, buffers);
        long result = kernel.call(Syscall.CONNECT, fd, kernel.scratch, endpoint.write(kernel.scratch));
        return new TcpSocket(kernel, fd, endpoint, result == -Errno.EINPROGRESS ? 0 : (int) result);
    }

    private static int open(Kernel kernel, Endpoint endpoint, String local) throws StorageException {
        String what = "connect to " + endpoint;
        if (local.isEmpty()) {
            return Sockets.open(kernel, endpoint, what);
        }
        Endpoint from = Endpoint.of(local, 0);
        int fd = Sockets.open(kernel, endpoint, what);
        long result = kernel.call(Syscall.BIND, fd, kernel.scratch, from.write(kernel.scratch));
        if (result < 0) {
            kernel.close(fd);
            throw Failure.of(result, what + " from " + local);
        }
        return fd;
    }
}
