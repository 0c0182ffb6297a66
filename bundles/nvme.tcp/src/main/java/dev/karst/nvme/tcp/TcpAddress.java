package dev.karst.nvme.tcp;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Network;
import dev.karst.env.StreamSocket;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.TransportId;
import dev.karst.spec.nvmetcp.IcReq;

/**
 * Where a connection goes and what it shall be like.
 *
 * @param network opens it
 * @param host numeric IP address
 * @param port TCP port
 * @param local numeric address of this machine to connect from; empty for any
 * @param digests as {@link IcReq#DGST} has them
 * @param timeoutMs how long it may take until there is a connection
 */
record TcpAddress(Network network, String host, int port, String local, int digests, int timeoutMs) {
    /** As long as a connection may take, whatever commands may take. */
    private static final int TIMEOUT_MS = 10_000;
    private static final int PORT_MAX = 0xffff;

    static TcpAddress of(Network network, TransportId id, ControllerOptions options) throws StorageException {
        int port = port(id);
        int digests = (options.headerDigest() ? IcReq.HDGST_ENABLE : 0) | (options.dataDigest() ? IcReq.DDGST_ENABLE : 0);
        int adminMs = options.timeouts().adminMs();
        int timeoutMs = adminMs > 0 ? Math.min(adminMs, TIMEOUT_MS) : TIMEOUT_MS;
        return new TcpAddress(network, id.address(), port, options.hostAddress(), digests, timeoutMs);
    }

    private static int port(TransportId id) throws StorageException {
        int port = 0;
        for (int i = 0; i < id.service().length() && port <= PORT_MAX; i++) {
            int digit = Character.digit(id.service().charAt(i), 10);
            port = digit < 0 ? PORT_MAX + 1 : port * 10 + digit;
        }
        if (port < 1 || port > PORT_MAX) {
            throw invalid(id, "trsvcid is '" + id.service() + "', it must be a TCP port, 1 to 65535");
        }
        return port;
    }

    private static StorageException invalid(TransportId id, String why) {
        return StorageException.errno(Errno.EINVAL, "no connection to " + id + ": " + why);
    }

    StreamSocket connect() throws StorageException {
        return network.connect(host, port, local);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
