package dev.karst.nvmf.testkit;

import java.io.IOException;

/** A host with a controller that is enabled, and one I/O queue, over loopback without digests. One thread. */
public final class ConnectedHost implements AutoCloseable {
    private static final int ENTRIES = 32;

    private final NvmeTcpHost admin;
    private final NvmeTcpHost io;

    /**
     * Connects.
     *
     * @param port of the target, at 127.0.0.1
     * @param subsystem NQN of the subsystem
     * @param name NQN of the host
     * @throws IOException when nobody listens there, or a Connect is refused, saying with which status
     */
    public ConnectedHost(int port, String subsystem, String name) throws IOException {
        admin = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
        NvmeTcpHost queue = null;
        boolean connected = false;
        try {
            admin.initialize(false, false);
            good(admin.connect(subsystem, name, 0, ENTRIES));
            admin.enable();
            queue = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
            queue.initialize(false, false);
            queue.controllerId(admin.controllerId());
            good(queue.connect(subsystem, name, 1, ENTRIES));
            connected = true;
        } finally {
            if (!connected) {
                close(queue, admin);
            }
        }
        io = queue;
    }

    /** The I/O queue. */
    public NvmeTcpHost io() {
        return io;
    }

    /**
     * The completion, which must be good.
     *
     * @throws IOException when it is not, with the status
     */
    public static NvmeTcpHost.Completion good(NvmeTcpHost.Completion completion) throws IOException {
        if (completion.status() != 0) {
            throw new IOException("a command ended with status %x".formatted(completion.status()));
        }
        return completion;
    }

    @Override
    public void close() throws IOException {
        close(io, admin);
    }

    private static void close(NvmeTcpHost... queues) throws IOException {
        for (NvmeTcpHost queue : queues) {
            if (queue != null) {
                queue.close();
            }
        }
    }
}
