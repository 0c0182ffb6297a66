package dev.karst.env.linux.net;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.env.linux.event.EpollEventSet;
import dev.karst.env.linux.event.Watch;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.lang.System.Logger.Level;

/**
 * A listening TCP socket. It holds one descriptor in reserve: when the process has no other left, the reserve is given
 * up for a moment to take the connection and reset it, so that the peer is told and the reactor does not spin on a
 * connection that it cannot take.
 */
final class TcpServerSocket extends ServerSocket {
    private static final System.Logger LOG = System.getLogger(TcpServerSocket.class.getName());
    /** include/uapi/linux/fcntl.h */
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int ENFILE = 23;
    private static final int ENOBUFS = 105;
    private static final int ECONNABORTED = 103;

    private final Kernel kernel = Kernel.open();
    private final Endpoint endpoint;
    private final Watch watch;
    private int fd;
    private int reserve;
    private boolean restrained;
    private long refused;

    TcpServerSocket(int fd, Endpoint endpoint) {
        this.fd = fd;
        this.endpoint = endpoint;
        watch = new Watch(fd);
        reserve = openReserve();
    }

    @Override
    public String address() {
        return endpoint.host();
    }

    @Override
    public int port() {
        return endpoint.port();
    }

    @Override
    public StreamSocket accept() {
        int accepted = take();
        while (accepted == -ECONNABORTED || accepted == -Errno.EINTR) {
            accepted = take();
        }
        if (accepted >= 0) {
            return connection(accepted);
        }
        if (accepted == -Errno.EMFILE || accepted == -ENFILE) {
            turnAway();
        } else if (accepted == -Errno.ENOMEM || accepted == -ENOBUFS) {
            restrain(true);
        }
        return null;
    }

    private int take() {
        long length = kernel.scratch + Endpoint.MAX_BYTES;
        Mem.setInt(length, Endpoint.MAX_BYTES);
        int flags = Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;
        return (int) kernel.fast(Syscall.ACCEPT4, fd, kernel.scratch, length, flags);
    }

    private StreamSocket connection(int accepted) {
        Endpoint peer = Endpoint.read(kernel.scratch);
        if (reserve < 0) {
            reserve = openReserve();
        }
        restrain(false);
        return new TcpSocket(Kernel.open(), accepted, peer, 0);
    }

    /**
     * Resets the connection that waits longest; if even that cannot be done, waits for a further one before trying
     * again.
     */
    private void turnAway() {
        if (reserve >= 0) {
            kernel.close(reserve);
        }
        int accepted = take();
        if (accepted >= 0) {
            Sockets.reset(kernel, accepted);
            count();
        }
        reserve = openReserve();
        restrain(accepted < 0 && accepted != StreamSocket.AGAIN);
    }

    private void count() {
        if (refused++ == 0) {
            LOG.log(Level.WARNING, "{0} resets connections: the process has no file descriptors left; "
                + "raise the limit on open files (ulimit -n)", endpoint);
        }
    }

    /** Connections that were reset for want of descriptors. */
    long refused() {
        return refused;
    }

    private int openReserve() {
        return (int) kernel.call(Syscall.EPOLL_CREATE1, Sockets.SOCK_CLOEXEC, 0, 0);
    }

    private void restrain(boolean on) {
        if (on != restrained) {
            restrained = on;
            watch.change(on ? EpollEventSet.EDGE : EpollEventSet.LEVEL);
        }
    }

    @Override
    public void watch(EventSet events, Readiness readiness) {
        restrained = false;
        watch.begin(events, readiness, EpollEventSet.LEVEL);
    }

    @Override
    public void unwatch() {
        watch.end();
    }

    @Override
    public ServerSocket duplicate() throws StorageException {
        Kernel own = Kernel.open();
        int copy = (int) own.call(Syscall.FCNTL, fd, F_DUPFD_CLOEXEC, 0);
        own.close();
        if (copy < 0) {
            throw StorageException.errno(-copy, "no second descriptor for " + endpoint + ": " + Errno.text(-copy));
        }
        return new TcpServerSocket(copy, endpoint);
    }

    @Override
    public void close() {
        if (fd >= 0) {
            watch.end();
            kernel.close(fd);
            if (reserve >= 0) {
                kernel.close(reserve);
            }
            kernel.close();
            fd = -1;
        }
    }
}
