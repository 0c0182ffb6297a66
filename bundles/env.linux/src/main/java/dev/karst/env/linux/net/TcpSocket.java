package dev.karst.env.linux.net;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.StreamSocket;
import dev.karst.env.linux.event.EpollEventSet;
import dev.karst.env.linux.event.Watch;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A TCP connection: read(2) and sendmsg(2) as critical calls. The scratch of its {@link Kernel} holds the message
 * header and the vector of a write.
 *
 * <pre>
 *   scratch: | struct msghdr, 56 bytes | 8 | struct iovec, 16 bytes each, 64 of them |
 * </pre>
 */
@ReactorConfined
final class TcpSocket extends StreamSocket {
    /** Most pairs in one call; the rest goes with the next. */
    private static final int MAX_SEGMENTS = 64;

    /** struct msghdr: where the vector is named, and how many pairs it has. include/linux/socket.h */
    private static final int MSGHDR_IOV = 16;
    private static final int MSGHDR_IOVLEN = 24;
    private static final int MSGHDR_BYTES = 64;
    /** No SIGPIPE for a peer that is gone. */
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SHUT_WR = 1;
    private static final int SHUT_RDWR = 2;

    private final Kernel kernel;
    private final Watch watch;
    private final String peer;
    private final String local;
    private final long header;
    private final long vector;
    /** What connect(2) said at once if it failed; the first read or write tells it. */
    private int refusal;
    /** Held by whoever shuts it from outside, and for good by who closes it: the descriptor may be somebody else's then. */
    private final AtomicBoolean held = new AtomicBoolean();
    /** The descriptor, -1 once closed: then each call gives EBADF. */
    private int fd;

    /** Takes over the kernel and the descriptor. */
    TcpSocket(Kernel kernel, int fd, Endpoint peer, int refusal) {
        this.kernel = kernel;
        this.fd = fd;
        this.refusal = refusal;
        this.peer = peer.toString();
        watch = new Watch(fd);
        Sockets.noDelay(kernel, fd);
        local = Endpoint.local(kernel, fd).toString();
        header = kernel.scratch;
        vector = header + MSGHDR_BYTES;
        Mem.fill(header, MSGHDR_BYTES, (byte) 0);
        Mem.setLong(header + MSGHDR_IOV, vector);
    }

    @Override
    public int read(long address, int length) {
        assert !Mem.CHECKED || Mem.isRegistered(address, length) : "read to unregistered memory";
        if (fd < 0 || refusal != 0) {
            return failure();
        }
        if (watch.isDrained()) {
            return AGAIN;
        }
        int count = (int) kernel.fast(Syscall.READ, fd, address, length);
        if (count > 0 && count < length) {
            watch.drained();
        }
        return count;
    }

    @Override
    public void expect() {
        watch.expect();
    }

    @Override
    public int write(IoVector data, long offset) {
        if (fd < 0 || refusal != 0) {
            return failure();
        }
        int segments = fill(data, offset);
        if (segments == 0) {
            return 0;
        }
        Mem.setLong(header + MSGHDR_IOVLEN, segments);
        int result = (int) kernel.fast(Syscall.SENDMSG, fd, header, MSG_NOSIGNAL);
        if (result == AGAIN) {
            watch.awaitOutput();
        }
        return result;
    }

    private int failure() {
        int result = fd < 0 ? -Errno.EBADF : refusal;
        refusal = 0;
        return result;
    }

    /** Writes the pairs from {@code offset} on as struct iovec. */
    private int fill(IoVector data, long offset) {
        long skip = offset;
        int filled = 0;
        for (int i = 0; i < data.count() && filled < MAX_SEGMENTS; i++) {
            int length = data.length(i);
            if (skip >= length) {
                skip -= length;
                continue;
            }
            long entry = vector + 16L * filled++;
            assert !Mem.CHECKED || Mem.isRegistered(data.address(i), length) : "write from unregistered memory";
            Mem.setLong(entry, data.address(i) + skip);
            Mem.setLong(entry + Long.BYTES, length - skip);
            skip = 0;
        }
        return filled;
    }

    @Override
    public void watch(EventSet events, Readiness readiness) {
        watch.begin(events, readiness, EpollEventSet.STREAM);
    }

    @Override
    public void unwatch() {
        watch.end();
    }

    @Override
    public String peer() {
        return peer;
    }

    @Override
    public String local() {
        return local;
    }

    @Override
    public void shutdownOutput() {
        if (fd >= 0) {
            kernel.call(Syscall.SHUTDOWN, fd, SHUT_WR, 0);
        }
    }

    @Override
    public void shutdown() {
        if (held.compareAndSet(false, true)) {
            Kernel own = Kernel.open();
            own.call(Syscall.SHUTDOWN, fd, SHUT_RDWR, 0);
            own.close();
            held.set(false);
        }
    }

    @Override
    public void close() {
        if (fd >= 0) {
            while (!held.compareAndSet(false, true)) {
                Thread.onSpinWait();
            }
            watch.end();
            kernel.close(fd);
            kernel.close();
            fd = -1;
        }
    }
}
