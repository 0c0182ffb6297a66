package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.reactor.IdlePolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Thousands of real connections that want nothing good, beside a host whose I/O is verified all the time. */
class ManyConnectionsTest {
    private static final int CONNECTIONS = 2_000;
    private static final int STORM = 3_000;
    private static final int STEADY = 25;
    private static final Map<String, Object> OPTIONS = Map.of("karst_max_connections", 8192L);

    /** Until there are so many and stay so: others may still wait in the kernel to be accepted. */
    private static void awaitConnections(Stack stack, long count) throws Exception {
        int inARow = 0;
        for (int i = 0; i < 3_000 && inARow < STEADY; i++) {
            inARow = stack.statistic("connections") == count ? inARow + 1 : 0;
            stack.venue().pass(20);
        }
        assertTrue(inARow == STEADY, () -> "there are not " + count + " connections");
    }

    @Test
    void shouldServeAHostWhenThousandsOfConnectionsAreIdleOrTrickle() throws Exception {
        try (Stack stack = new Stack(IdlePolicy.ADAPTIVE, OPTIONS)) {
            stack.serveMemory("ram", 4096);
            try (NvmeTcpHost admin = stack.admin(); NvmeTcpHost io = stack.io(admin, 1, true, true);
                Neighbour neighbour = new Neighbour(io, 1)) {
                long before = stack.bytesOfConnections();
                List<NvmeTcpHost> quiet = new ArrayList<>();
                for (int i = 0; i < CONNECTIONS; i++) {
                    NvmeTcpHost host = stack.host();
                    host.send(i % 2 == 0 ? new Bytes(1 + i % 7) : NvmeTcpHost.icReq(0));
                    quiet.add(host);
                }
                long most = 0;
                for (int i = 0; i < 3_000 && stack.statistic("accepted") < CONNECTIONS + 2; i++) {
                    most = Math.max(most, stack.bytesOfConnections() - before);
                    stack.venue().pass(20);
                }
                assertTrue(stack.statistic("accepted") == CONNECTIONS + 2, "not all came in");
                assertTrue(most <= CONNECTIONS * 24L * 1024, most + " bytes");
                awaitConnections(stack, 2);
                neighbour.check();
                for (NvmeTcpHost host : quiet) {
                    host.close();
                }
            }
        }
    }

    @Test
    void shouldAnswerAHostInASecondWhenConnectionsComeAsAStorm() throws Exception {
        try (Stack stack = new Stack(IdlePolicy.ADAPTIVE, OPTIONS)) {
            stack.serveMemory("ram", 4096);
            try (NvmeTcpHost admin = stack.admin()) {
                Thread storm = new Thread(() -> connectAndAbandon(stack), "storm");
                storm.start();
                long longest = 0;
                while (storm.isAlive()) {
                    long begin = System.nanoTime();
                    Served.expectSuccess(admin.execute(NvmeTcpHost.sqe(0x18, 0, 0, false), new byte[0], false));
                    longest = Math.max(longest, System.nanoTime() - begin);
                }
                storm.join();
                assertTrue(longest < 1_000_000_000L, longest + " ns for a Keep Alive");
                awaitConnections(stack, 1);
                assertTrue(stack.statistic("accepted") > STORM / 2, "no storm");
            }
        }
    }

    private static void connectAndAbandon(Stack stack) {
        for (int i = 0; i < STORM; i++) {
            try {
                stack.venue().connect().close();
            } catch (IOException e) {
                // The kernel's queue of connections is full: they come too fast, as is meant here.
            }
        }
    }
}
