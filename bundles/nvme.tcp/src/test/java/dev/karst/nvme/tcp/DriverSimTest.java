package dev.karst.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeDriver;
import dev.karst.nvme.NvmeController.State;
import dev.karst.nvme.NvmeEvents;
import dev.karst.nvme.NvmeException;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The driver over TCP against Karst's own target, in worlds. */
class DriverSimTest {
    private static final long SILENCE_NANOS = 20_000_000_000L;
    private static final TransportId PEER = TransportId.tcp("127.0.0.1", KarstTarget.PORT, KarstTarget.SUBSYSTEM);
    private static final Map<String, Object> LISTENER =
        Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", Integer.toString(KarstTarget.PORT));

    /** A driver and a target in a world. */
    private static final class Scene implements AutoCloseable, NvmeEvents {
        final SimWorld world;
        final KarstTarget target;
        final PolledDriver driver;
        final TcpFabrics fabrics;
        final List<State> states = new ArrayList<>();
        int namespaceChanges;
        int anaChanges;

        Scene(SimWorld world) throws StorageException {
            this.world = world;
            target = new KarstTarget(world);
            driver = new PolledDriver(world.environment(), world.reactors());
            fabrics = new TcpFabrics(world.environment(), world.reactors());
            driver.add(fabrics);
        }

        NvmeController attach(TransportId id, int keepAliveMs, int lossMs) throws Exception {
            var timeouts = new ControllerOptions.Timeouts(0, 30_000, 500, lossMs);
            var options = new ControllerOptions(
                Worker.COUNT + 1, 32, keepAliveMs, "", "", "", world.random().oneIn(2), world.random().oneIn(2), true, true,
                false, timeouts);
            NvmeController controller = world.background(() -> driver.attach(id, options));
            world.settle(1);
            controller.watch(this);
            return controller;
        }

        Object call(String method, Map<String, Object> parameters) throws Exception {
            return world.background(() -> target.call(method, parameters));
        }

        @Override
        public void stateChanged(NvmeController controller, State state) {
            states.add(state);
        }

        @Override
        public void namespacesChanged(NvmeController controller) {
            namespaceChanges++;
        }

        @Override
        public void anaChanged(NvmeController controller) {
            anaChanges++;
        }

        @Override
        public void close() {
            driver.close();
            target.close();
            world.settle(10_000);
            assertEquals(0, world.environment().network().openSockets(), "sockets are left");
            List<Region> left = world.environment().memory().regions().stream()
                .filter(region -> region.name().startsWith("nvme")).toList();
            assertEquals(List.of(), left, "regions of memory are left");
        }
    }

    @Test
    void shouldAttachAndKeepDataWhenTheTargetServesANamespace() {
        SimWorld.run(1, 5, world -> {
            try (var scene = new Scene(world)) {
                NvmeController controller = scene.attach(PEER, 10_000, -1);
                assertEquals(State.READY, controller.state(), controller.reason());
                assertEquals(KarstTarget.SUBSYSTEM, controller.data().subsystem());
                assertEquals(1, controller.namespaces().size());
                assertEquals(KarstTarget.BLOCKS, controller.namespaces().getFirst().blocks());
                assertEquals(KarstTarget.BLOCK_BYTES, controller.namespaces().getFirst().format().blockSize());
                assertEquals(KarstTarget.MAX_IO_BYTES, controller.data().limits().maxTransferBytes());
                NvmeQueuePair queue = world.background(() -> controller.openQueuePair(world.reactors().next()));
                var host = new Host(world);
                Worker.work(world, host, queue, () -> { });
                host.close();
                world.background(() -> {
                    controller.closeQueuePair(queue);
                    controller.detach();
                    return null;
                });
                assertEquals(State.DETACHED, controller.state());
            }
        });
    }

    @Test
    void shouldComeBackWithItsQueuesWhenConnectionsAreCut() {
        SimWorld.run(100, 10, world -> {
            try (var scene = new Scene(world)) {
                NvmeController controller = scene.attach(PEER, 10_000, -1);
                NvmeQueuePair queue = world.background(() -> controller.openQueuePair(world.reactors().next()));
                var host = new Host(world);
                Host.Waited read = host.request(1, 4096);
                for (int round = 1; round <= 2; round++) {
                    read.command(Opcode.NVM_READ, 1).range(0, 8);
                    read.data.set(read.region.address(), 4096);
                    host.submit(queue, read);
                    world.environment().network().cutAll();
                    world.until(() -> read.done);
                    assertTrue(read.status == 0 || read.status == NvmeStatus.COMMAND_ABORTED_BY_HOST);
                    int back = 2 * round;
                    world.until(() -> scene.states.size() == back);
                    assertEquals(2 * round - 1, read.endings);
                    assertEquals(0, host.execute(queue, read));
                    assertEquals(2 * round, read.endings);
                }
                assertEquals(List.of(State.RECONNECTING, State.READY, State.RECONNECTING, State.READY), scene.states);
                host.close();
            }
        });
    }

    @Test
    void shouldGiveUpWhenTheTargetStaysAway() {
        SimWorld.run(200, 6, world -> {
            try (var scene = new Scene(world)) {
                NvmeController controller = scene.attach(PEER, 10_000, 5_000);
                NvmeQueuePair queue = world.background(() -> controller.openQueuePair(world.reactors().next()));
                scene.call("nvmf_subsystem_remove_listener", Map.of("nqn", KarstTarget.SUBSYSTEM, "listen_address", LISTENER));
                world.until(() -> controller.state() == State.FAILED);
                assertTrue(controller.reason().contains("127.0.0.1:4420"), controller.reason());
                var host = new Host(world);
                Host.Waited flush = host.request(1, 512);
                flush.command(Opcode.NVM_FLUSH, 1);
                assertEquals(Status.NOT_CONNECTED, world.call(queue.reactor(), () -> queue.submit(flush)));
                scene.call("nvmf_subsystem_add_listener", Map.of("nqn", KarstTarget.SUBSYSTEM, "listen_address", LISTENER));
                world.background(() -> {
                    controller.reset();
                    return null;
                });
                assertEquals(State.READY, controller.state());
                assertEquals(0, host.execute(queue, flush));
                host.close();
            }
        });
    }

    @Test
    void shouldLetGoOfQueuesAndControllerSoonWhenTheTargetStaysAway() {
        SimWorld.run(250, 6, world -> {
            try (var scene = new Scene(world)) {
                NvmeController controller = scene.attach(PEER, 10_000, -1);
                NvmeQueuePair queue = world.background(() -> controller.openQueuePair(world.reactors().next()));
                scene.call("nvmf_subsystem_remove_listener", Map.of("nqn", KarstTarget.SUBSYSTEM, "listen_address", LISTENER));
                world.until(() -> controller.state() == State.RECONNECTING);
                world.runFor(3_000);
                long begun = world.clock().nanos();
                var refused = assertThrows(StorageException.class, () -> world.background(() -> {
                    controller.reset();
                    return null;
                }));
                assertEquals(-Errno.EIO, refused.code());
                assertEquals(State.RECONNECTING, controller.state());
                world.background(() -> {
                    controller.closeQueuePair(queue);
                    controller.detach();
                    return null;
                });
                assertTrue(world.clock().nanos() - begun < 1_000_000_000, "it took more than a second");
            }
        });
    }

    @Test
    void shouldNoticeWhenTheControllerIsSilent() {
        SimWorld.run(300, 6, world -> {
            try (var scene = new Scene(world)) {
                NvmeController controller = scene.attach(PEER, 2_000, -1);
                world.runFor(10_000);
                assertEquals(List.of(), scene.states);
                var network = world.environment().network();
                network.standStill(true);
                world.environment().schedule().after(SILENCE_NANOS, () -> network.standStill(false));
                world.until(() -> scene.states.size() == 2);
                assertEquals(List.of(State.RECONNECTING, State.READY), scene.states);
                assertEquals("", controller.reason());
            }
        });
    }

    @Test
    void shouldTellWhenNamespacesAndTheirAccessChange() {
        SimWorld.run(400, 6, world -> {
            try (var scene = new Scene(world)) {
                NvmeController controller = scene.attach(PEER, 10_000, -1);
                scene.call("bdev_malloc_create", Map.of("name", "more", "block_size", 4096L, "num_blocks", 64L));
                scene.call("nvmf_subsystem_add_ns",
                    Map.of("nqn", KarstTarget.SUBSYSTEM, "namespace", Map.of("bdev_name", "more")));
                world.until(() -> scene.namespaceChanges == 1);
                assertEquals(2, controller.namespaces().size());
                assertEquals(4096, controller.namespace(2).orElseThrow().format().blockSize());
                scene.call("nvmf_subsystem_listener_set_ana_state",
                    Map.of("nqn", KarstTarget.SUBSYSTEM, "listen_address", LISTENER, "ana_state", "inaccessible"));
                world.until(() -> scene.anaChanges == 1);
                assertEquals(AnaState.INACCESSIBLE, controller.namespaces().getFirst().ana());
            }
        });
    }

    @Test
    void shouldFindSubsystemsAndFollowReferralsOnceWhenItDiscovers() {
        SimWorld.run(500, 6, world -> {
            try (var scene = new Scene(world)) {
                for (int i = 0; i < 20; i++) {
                    String nqn = KarstTarget.SUBSYSTEM + i;
                    scene.call("nvmf_create_subsystem", Map.of("nqn", nqn, "allow_any_host", true));
                    scene.call("nvmf_subsystem_add_listener", Map.of("nqn", nqn, "listen_address", LISTENER));
                }
                scene.call("nvmf_discovery_add_referral", Map.of("address", LISTENER));
                scene.call("nvmf_discovery_add_referral", Map.of("address",
                    Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", "8009")));
                List<TransportId> found =
                    world.background(() -> scene.driver.discover(PEER, ControllerOptions.standard()));
                assertEquals(21, found.size(), found.toString());
                assertTrue(found.contains(PEER), found.toString());
                assertEquals(List.of(), scene.driver.controllers());
            }
        });
    }

    @Test
    void shouldTellWhenADiscoveryControllerKnowsMore() {
        SimWorld.run(550, 6, world -> {
            try (var scene = new Scene(world)) {
                var told = new AtomicInteger();
                NvmeDriver.Following following = world.background(() ->
                    scene.driver.follow(PEER, ControllerOptions.standard(), told::incrementAndGet));
                world.runFor(20);
                for (int round = 0; round < 3; round++) {
                    int before = told.get();
                    String nqn = KarstTarget.SUBSYSTEM + round;
                    scene.call("nvmf_create_subsystem", Map.of("nqn", nqn, "allow_any_host", true));
                    scene.call("nvmf_subsystem_add_listener", Map.of("nqn", nqn, "listen_address", LISTENER));
                    world.until(() -> told.get() > before);
                }
                assertTrue(following.isOpen());
                world.background(() -> {
                    following.close();
                    return null;
                });
                assertFalse(following.isOpen());
                NvmeDriver.Following another = world.background(() ->
                    scene.driver.follow(PEER, ControllerOptions.standard(), told::incrementAndGet));
                world.background(() -> {
                    scene.driver.remove(scene.fabrics);
                    return null;
                });
                assertFalse(another.isOpen(), "it is detached with the way to it");
            }
        });
    }

    @Test
    void shouldSayWhyWhenItCannotAttach() {
        SimWorld.run(600, 4, world -> {
            try (var scene = new Scene(world)) {
                scene.call("nvmf_subsystem_allow_any_host", Map.of("nqn", KarstTarget.SUBSYSTEM, "allow_any_host", false));
                NvmeException refused = assertThrows(NvmeException.class, () -> scene.attach(PEER, 10_000, -1));
                assertEquals(NvmeStatus.CONNECT_INVALID_HOST, refused.status() & 0x7ff);
                StorageException absent = assertThrows(
                    StorageException.class, () -> scene.attach(TransportId.tcp("127.0.0.1", 9, KarstTarget.SUBSYSTEM), 0, -1));
                assertEquals(-Errno.ECONNREFUSED, absent.code());
                assertEquals(List.of(), scene.driver.controllers());
            }
        });
    }
}
