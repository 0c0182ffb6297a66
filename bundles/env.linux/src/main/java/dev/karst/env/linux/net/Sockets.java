package dev.karst.env.linux.net;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/** How a socket is made. */
final class Sockets {
    /** include/linux/net.h; the two flags also for accept4(2). */
    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;

    private static final int SOCK_STREAM = 1;

    /** include/uapi/asm-generic/socket.h, in.h, in6.h, tcp.h */
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_LINGER = 13;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;

    private Sockets() {}

    /** A stream socket that does not block. */
    static int open(Kernel kernel, Endpoint endpoint, String what) throws StorageException {
        long fd = kernel.call(Syscall.SOCKET, endpoint.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw Failure.of(fd, what);
        }
        return (int) fd;
    }

    /** Sends what is written at once. */
    static void noDelay(Kernel kernel, int fd) {
        set(kernel, fd, IPPROTO_TCP, TCP_NODELAY);
    }

    /** Listens although connections of an earlier listener linger; an IPv6 address means IPv6 alone. */
    static void prepareListener(Kernel kernel, int fd, Endpoint endpoint) {
        set(kernel, fd, SOL_SOCKET, SO_REUSEADDR);
        if (endpoint.family() == Endpoint.AF_INET6) {
            set(kernel, fd, IPPROTO_IPV6, IPV6_V6ONLY);
        }
    }

    /** Before it connects or listens, so that the window can be as large; accepted sockets have what their listener has. */
    static void size(Kernel kernel, int fd, SocketBuffers buffers) {
        if (buffers.receiveBytes() > 0) {
            set(kernel, fd, SOL_SOCKET, SO_RCVBUF, buffers.receiveBytes());
        }
        if (buffers.sendBytes() > 0) {
            set(kernel, fd, SOL_SOCKET, SO_SNDBUF, buffers.sendBytes());
        }
    }

    /** Closes so that the peer sees a reset. */
    static void reset(Kernel kernel, int fd) {
        Mem.setInt(kernel.scratch, 1);
        Mem.setInt(kernel.scratch + Integer.BYTES, 0);
        kernel.call(Syscall.SETSOCKOPT, fd, SOL_SOCKET, SO_LINGER, kernel.scratch, 2 * Integer.BYTES);
        kernel.close(fd);
    }

    private static void set(Kernel kernel, int fd, int level, int option) {
        set(kernel, fd, level, option, 1);
    }

    private static void set(Kernel kernel, int fd, int level, int option, int value) {
        Mem.setInt(kernel.scratch, value);
        kernel.call(Syscall.SETSOCKOPT, fd, level, option, kernel.scratch, Integer.BYTES);
    }
}
