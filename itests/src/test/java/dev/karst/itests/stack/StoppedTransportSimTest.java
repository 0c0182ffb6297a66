package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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

/** N-80: a transport that stops or is replaced with connections in every state, and its port. */
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

    /** Events of namespaces are wanted, and requests for two of them are out. */
    private static NvmeTcpHost waitingForEvents(SimStack stack) throws Exception {
        NvmeTcpHost admin = stack.admin();
        Bytes wanted = NvmeTcpHost.sqe(0x09, 0, 0, false).set(40, 1, 0x0b).set(44, 4, 0x100);
        assertEquals(0, admin.execute(wanted, new byte[0], false).status());
        for (int cid : new int[] {901, 902}) {
            admin.send(admin.capsule(NvmeTcpHost.sqe(0x0c, 0, 0, false).set(2, 2, cid), new byte[0]));
        }
        return admin;
    }

    private static void expectNamespaceEvent(NvmeTcpHost admin) throws Exception {
        Bytes event = admin.receive().header();
        assertTrue(event.u16(20) == 901 || event.u16(20) == 902, "command " + event.u16(20));
        assertEquals(0x040002, event.u32(8));
        Bytes log = NvmeTcpHost.sqe(0x02, 0, 4096, false).set(40, 1, 4).set(42, 2, 1023);
        assertEquals(2, new Bytes(admin.execute(log, new byte[0], false).data()).u32(0));
    }

    @Test
    void shouldTellOfNamespacesWhenTheyChangeWhileOrAfterTheTransportOrTheTargetIsReplaced() {
        SimWorld.run(1, 12, world -> {
            try (SimStack stack = new SimStack(world)) {
                stack.serveMemory("ram", 4096);
                stack.call("bdev_malloc_create", Map.of("name", "late", "block_size", 512L, "num_blocks", 64L));
                NvmeTcpHost admin = waitingForEvents(stack);
                NvmeTcpHost io = stack.io(admin, 1, true, true);
                assertTrue(io.read(9, 0, 1, 512).status() != 0);
                int controller = admin.controllerId();
                if (world.seed() % 3 == 0) {
                    stack.target.removeProvider(stack.transports);
                    stack.serve("late");
                    stack.target.addProvider(stack.transports);
                } else if (world.seed() % 3 == 1) {
                    stack.replaceTransport();
                    stack.serve("late");
                } else {
                    stack.replaceTarget();
                    stack.serve("late");
                }
                expectNamespaceEvent(admin);
                assertEquals(0, io.read(2, 0, 1, 512).status());
                Bytes errors = NvmeTcpHost.sqe(0x02, 0, 64, false).set(40, 1, 1).set(42, 2, 15);
                assertEquals(1, new Bytes(admin.execute(errors, new byte[0], false).data()).u64(0), "errors that are remembered");
                NvmeTcpHost more = stack.io(admin, 2, false, false);
                assertEquals(controller, admin.controllerId());
                for (NvmeTcpHost host : List.of(more, io, admin)) {
                    host.close();
                }
            }
            assertEquals(0, world.environment().network().openSockets());
        });
    }

    @Test
    void shouldKeepReservationsThatDoNotPersistWhenTheTargetIsReplaced() {
        SimWorld.run(1, 4, world -> {
            try (SimStack stack = new SimStack(world)) {
                stack.serveMemory("ram", 4096);
                NvmeTcpHost admin = stack.admin();
                NvmeTcpHost io = stack.io(admin, 1, true, true);
                byte[] key = new Bytes(16).set(8, 8, 0xa1).array();
                assertEquals(0, io.execute(NvmeTcpHost.sqe(0x0d, 1, 16, true), key, true).status());
                Bytes report = NvmeTcpHost.sqe(0x0e, 1, 4096, false).set(40, 4, 1023).set(44, 4, 1);
                byte[] before = io.execute(report, new byte[0], false).data();
                assertEquals(1, new Bytes(before).u16(5), "registrants");
                stack.replaceTarget();
                assertArrayEquals(before, io.execute(report, new byte[0], false).data());
                io.close();
                admin.close();
            }
        });
    }

    @Test
    void shouldTellDiscoveryHostsNothingWhenTheTargetIsReplacedAndTellThemOfWhatComesThen() {
        SimWorld.run(1, 4, world -> {
            try (SimStack stack = new SimStack(world)) {
                NvmeTcpHost admin = stack.host();
                admin.initialize(false, false);
                assertEquals(0, admin.connect("nqn.2014-08.org.nvmexpress.discovery", Served.HOST, 0, 32).status());
                admin.enable();
                Bytes wanted = NvmeTcpHost.sqe(0x09, 0, 0, false).set(40, 1, 0x0b).set(44, 4, 0x8000_0000L);
                assertEquals(0, admin.execute(wanted, new byte[0], false).status());
                admin.send(admin.capsule(NvmeTcpHost.sqe(0x0c, 0, 0, false).set(2, 2, 901), new byte[0]));
                stack.replaceTarget();
                assertEquals(0, admin.identify(1, 0).status(), "an event came first");
                stack.call("nvmf_create_subsystem", Map.of("nqn", "nqn.2026-11.dev.karst:more", "allow_any_host", true));
                stack.call("nvmf_subsystem_add_listener", Map.of("nqn", "nqn.2026-11.dev.karst:more", "listen_address",
                    Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", Integer.toString(stack.port))));
                assertEquals(901, admin.receive().header().u16(20));
                admin.close();
            }
        });
    }

    @Test
    void shouldKeepAnaStatesWithoutTellingOfThemWhenTheTargetIsReplaced() {
        SimWorld.run(1, 4, world -> {
            try (SimStack stack = new SimStack(world)) {
                String nqn = "nqn.2026-11.dev.karst:paths";
                Map<String, Object> address =
                    Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", Integer.toString(stack.port));
                stack.call("nvmf_create_subsystem", Map.of("nqn", nqn, "allow_any_host", true, "ana_reporting", true));
                stack.call("nvmf_subsystem_add_listener", Map.of("nqn", nqn, "listen_address", address));
                stack.call("nvmf_subsystem_listener_set_ana_state", Map.of(
                    "nqn", nqn, "listen_address", address, "ana_state", "inaccessible", "anagrpid", 3L));
                NvmeTcpHost admin = stack.host();
                admin.initialize(false, false);
                assertEquals(0, admin.connect(nqn, Served.HOST, 0, 32).status());
                admin.enable();
                Bytes wanted = NvmeTcpHost.sqe(0x09, 0, 0, false).set(40, 1, 0x0b).set(44, 4, 0x800);
                assertEquals(0, admin.execute(wanted, new byte[0], false).status());
                admin.send(admin.capsule(NvmeTcpHost.sqe(0x0c, 0, 0, false).set(2, 2, 901), new byte[0]));
                stack.replaceTarget();
                assertEquals(0, admin.identify(1, 0).status(), "an event came first");
                stack.call("nvmf_subsystem_listener_set_ana_state", Map.of(
                    "nqn", nqn, "listen_address", address, "ana_state", "optimized", "anagrpid", 3L));
                assertEquals(901, admin.receive().header().u16(20));
                admin.close();
            }
        });
    }

    @Test
    void shouldKeepDataAndConnectionsWhenTransportAndTargetAreReplacedUnderLoad() {
        SimWorld.run(1, 20, world -> {
            try (SimStack stack = new SimStack(world)) {
                stack.serveMemory("ram", 2048);
                Map<String, Long> before = stack.holdings();
                try (SimHost host = new SimHost(world, stack)) {
                    assertTrue(host.connect(List.of(new BlockModel(0, 1024), new BlockModel(1024, 1024)), 16));
                    host.queues.forEach(queue -> queue.budget = 1000);
                    long[] next = {200};
                    world.until(() -> {
                        boolean done = true;
                        for (SimQueue queue : host.queues) {
                            queue.pump();
                            done &= queue.isDone();
                        }
                        replaceNowAndThen(world, stack, host, next);
                        return done;
                    });
                    assertTrue(next[0] > 1000, "nothing was replaced");
                    for (SimQueue queue : host.queues) {
                        assertEquals(queue.sent, queue.ended, "commands without an end");
                        assertEquals(0, queue.failed + queue.lost);
                    }
                }
                stack.awaitHoldings(before);
            }
            assertEquals(0, world.environment().network().openSockets());
        });
    }

    /** Each time that so many commands have ended. */
    private static void replaceNowAndThen(SimWorld world, SimStack stack, SimHost host, long[] next) {
        if (host.queues.stream().mapToLong(queue -> queue.ended).sum() < next[0]) {
            return;
        }
        next[0] += 50 + world.random().below(200);
        try {
            if (world.random().oneIn(2)) {
                stack.replaceTransport();
            } else {
                stack.replaceTarget();
            }
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
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
