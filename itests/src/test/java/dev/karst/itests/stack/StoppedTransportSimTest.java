package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** N-80: a transport that stops with connections in every state, and its port. */
class StoppedTransportSimTest {
    private static boolean isPortFree(SimWorld world, SimStack stack) {
        try {
            world.environment().network().listen("127.0.0.1", stack.port, 1).close();
            return true;
        } catch (StorageException e) {
            return false;
        }
    }

    /** Connections before ICReq, before Connect, connected, with a write that is owed, and with a fatal error told. */
    private static List<NvmeTcpHost> inEveryState(SimStack stack) throws Exception {
        List<NvmeTcpHost> hosts = new ArrayList<>();
        NvmeTcpHost silent = stack.host();
        silent.send(new Bytes(3));
        hosts.add(silent);
        NvmeTcpHost initialized = stack.host();
        initialized.initialize(true, true);
        hosts.add(initialized);
        NvmeTcpHost admin = stack.admin();
        admin.send(admin.capsule(NvmeTcpHost.sqe(0x0c, 0, 0, false).set(2, 2, 99), new byte[0]));
        hosts.add(admin);
        NvmeTcpHost io = stack.io(admin, 1, false, false);
        io.send(io.capsule(NvmeTcpHost.sqe(0x01, 1, 8192, false).set(2, 2, 7).set(48, 2, 15), new byte[0]));
        assertEquals(NvmeTcpHost.R2T, io.receive().type());
        hosts.add(io);
        NvmeTcpHost wrong = stack.host();
        wrong.send(NvmeTcpHost.icReq(0).set(4, 4, 129));
        hosts.add(wrong);
        return hosts;
    }

    @Test
    void shouldKeepThePortForThreeSecondsAndThenGiveItBackWhenTheTransportStops() {
        SimWorld.run(1, 10, world -> {
            try (SimStack stack = new SimStack(world)) {
                stack.serveMemory("ram", 4096);
                List<NvmeTcpHost> hosts = inEveryState(stack);
                stack.target.removeProvider(stack.transports);
                assertFalse(isPortFree(world, stack), "the port was not kept");
                for (NvmeTcpHost host : hosts) {
                    // One that was not accepted yet ends with the port.
                    assertTrue(host.closesWithin(5_000));
                    host.close();
                }
                world.runFor(3_500);
                assertTrue(isPortFree(world, stack), "the port was not given back");
            }
            assertEquals(0, world.environment().network().openSockets());
        });
    }

    @Test
    void shouldServeWhoConnectedMeanwhileWhenASuccessorComesInTime() {
        SimWorld.run(1, 10, world -> {
            try (SimStack stack = new SimStack(world)) {
                stack.serveMemory("ram", 4096);
                Map<String, Long> before = stack.holdings();
                stack.target.removeProvider(stack.transports);
                NvmeTcpHost early = stack.host();
                early.send(NvmeTcpHost.icReq(0));
                world.runFor(1_000);
                stack.target.addProvider(stack.transports);
                assertEquals(NvmeTcpHost.ICRESP, early.receive().type());
                early.close();
                world.runFor(5_000);
                NvmeTcpHost late = stack.admin();
                late.close();
                stack.awaitHoldings(before);
                assertFalse(isPortFree(world, stack), "nobody listens");
            }
        });
    }

    @Test
    void shouldFreeThePortAtOnceWhenTheWholeTargetCloses() {
        SimWorld.run(1, 5, world -> {
            SimStack stack = new SimStack(world);
            stack.target.removeProvider(stack.transports);
            assertThrows(StorageException.class, () -> world.environment().network().listen("127.0.0.1", stack.port, 1));
            stack.close();
            assertTrue(isPortFree(world, stack));
        });
    }
}
