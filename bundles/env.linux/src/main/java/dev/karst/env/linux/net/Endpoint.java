package dev.karst.env.linux.net;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** A numeric address with a port, and its form in the kernel: struct sockaddr_in and sockaddr_in6. */
record Endpoint(InetAddress address, int port) {
    /** Bytes of the longer of the two structures. */
    static final int MAX_BYTES = 28;

    /** include/linux/socket.h */
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    private static final int INET_BYTES = 16;
    private static final int INET_ADDRESS = 4;
    private static final int INET6_ADDRESS = 8;
    private static final int INET6_SCOPE = 24;
    private static final Pattern DOTTED_QUAD = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /** Parses; no name is ever looked up. */
    static Endpoint of(String address, int port) throws StorageException {
        if (port < 0 || port > 0xffff) {
            throw Failure.refused(Errno.EINVAL, "use port " + port, "a port is a number from 0 to 65535");
        }
        if (DOTTED_QUAD.matcher(address).matches() || address.indexOf(':') >= 0) {
            try {
                return new Endpoint(InetAddress.ofLiteral(address), port);
            } catch (IllegalArgumentException e) {
                // said below
            }
        }
        throw Failure.refused(Errno.EINVAL, "use address '" + address + "'",
            "it is neither a numeric IPv4 nor IPv6 address, such as 127.0.0.1 or ::1");
    }

    /** What getsockname(2) or accept4(2) left at {@code at}. */
    static Endpoint read(long at) {
        boolean inet = Mem.getU16(at) == AF_INET;
        byte[] bytes = new byte[inet ? 4 : 16];
        Mem.get(at + (inet ? INET_ADDRESS : INET6_ADDRESS), bytes, 0, bytes.length);
        int port = Short.toUnsignedInt(Short.reverseBytes(Mem.getShort(at + 2)));
        try {
            return new Endpoint(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }

    /** This end of the socket. */
    static Endpoint local(Kernel kernel, int fd) {
        long length = kernel.scratch + MAX_BYTES;
        Mem.fill(kernel.scratch, MAX_BYTES, (byte) 0);
        Mem.setInt(length, MAX_BYTES);
        kernel.call(Syscall.GETSOCKNAME, fd, kernel.scratch, length);
        return read(kernel.scratch);
    }

    int family() {
        return address instanceof Inet4Address ? AF_INET : AF_INET6;
    }

    /** Writes the structure to {@code at}; returns its length. */
    int write(long at) {
        byte[] bytes = address.getAddress();
        Mem.fill(at, MAX_BYTES, (byte) 0);
        Mem.setShort(at, (short) family());
        Mem.setShort(at + 2, Short.reverseBytes((short) port));
        if (address instanceof Inet6Address six) {
            Mem.put(at + INET6_ADDRESS, bytes, 0, bytes.length);
            Mem.setInt(at + INET6_SCOPE, six.getScopeId());
            return MAX_BYTES;
        }
        Mem.put(at + INET_ADDRESS, bytes, 0, bytes.length);
        return INET_BYTES;
    }

    /** The address alone; the longest run of zeros in an IPv6 address is left out, as in RFC 5952, 4.2. */
    String host() {
        String host = address.getHostAddress();
        for (int zeros = 8; zeros >= 2 && address instanceof Inet6Address; zeros--) {
            String shorter = host.replaceFirst("(^|:)0(:0){" + (zeros - 1) + "}(:|$)", "::");
            if (!shorter.equals(host)) {
                return shorter;
            }
        }
        return host;
    }

    @Override
    public String toString() {
        return (address instanceof Inet6Address ? "[" + host() + "]" : host()) + ":" + port;
    }
}
