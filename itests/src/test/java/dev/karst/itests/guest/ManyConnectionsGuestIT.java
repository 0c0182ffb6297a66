package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Many connections of a Linux kernel at once, and beside them a host that does not read what it asked for. */
class ManyConnectionsGuestIT extends GuestTest {
    private static final int CONNECTIONS = 16;

    @Test
    void shouldVerifyAllIoWhenSixteenConnectionsMeetOneThatDoesNotRead() throws IOException {
        String run = "many";
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance(run, port); SlowReader slow = new SlowReader(port)) {
            karst.up();
            try (GuestRunner guest = guest(run, "6.1", 2, "nvme-many.sh", port, CONNECTIONS)) {
                guest.awaitSuccess(words -> {
                    switch (words.getFirst()) {
                        case "stall" -> slow.stall();
                        case "release" -> slow.release();
                        default -> throw new AssertionError(words);
                    }
                });
            }
        }
    }

    /** A host of our own that asks for much more than its socket takes, and reads nothing of it. */
    private static final class SlowReader implements AutoCloseable {
        private static final int READS = 100;
        private static final int BYTES = 128 * 1024;
        private static final int BLOCK = 512;
        private static final String HOST = "nqn.2026-11.dev.karst:slow-reader";

        private final int port;
        private NvmeTcpHost admin;
        private NvmeTcpHost queue;

        SlowReader(int port) {
            this.port = port;
        }

        void stall() throws IOException {
            admin = connect(0, 32, 0);
            admin.enable();
            queue = connect(1, READS + 1, admin.controllerId());
            for (int i = 0; i < READS; i++) {
                queue.send(queue.capsule(NvmeTcpHost.sqe(0x02, 1, BYTES, false)
                    .set(2, 2, queue.cid()).set(48, 2, BYTES / BLOCK - 1), new byte[0]));
            }
        }

        private NvmeTcpHost connect(int qid, int entries, int controllerId) throws IOException {
            NvmeTcpHost host = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
            host.initialize(false, false);
            host.controllerId(controllerId);
            if (host.connect(NQN, HOST, qid, entries).status() != 0) {
                throw new AssertionError("queue " + qid + " of the slow reader is refused");
            }
            return host;
        }

        void release() throws IOException {
            if (queue != null) {
                queue.close();
                queue = null;
            }
            if (admin != null) {
                admin.close();
                admin = null;
            }
        }

        @Override
        public void close() throws IOException {
            release();
        }
    }
}
