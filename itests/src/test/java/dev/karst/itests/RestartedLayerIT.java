package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import dev.karst.rpc.json.Json;
import dev.karst.rpc.json.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A layer that is restarted on its own holds again what it held: hosts come back to their disks. */
class RestartedLayerIT {
    private static final System.Logger LOG = System.getLogger(RestartedLayerIT.class.getName());
    private static final String NQN = "nqn.2026-11.dev.karst:restarted";
    private static final String HOST = "nqn.2026-11.dev.karst:h";
    private static final long PATIENCE_MS = 30_000;
    /** What connections are kept for, and what their host takes to notice. */
    private static final long LONGEST_PAUSE_MS = 5_000;

    @TempDir Path folder;

    @Test
    void shouldServeAgainWhenALayerIsRestarted() throws Exception {
        int port = KarstInstance.freePort();
        try (KarstInstance instance = servingFile(port)) {
            instance.up();
            instance.call("bdev_null_create", Map.of("name", "n", "num_blocks", 64L, "block_size", 512L));
            instance.call("nvmf_subsystem_add_ns", Map.of("nqn", NQN, "namespace", Map.of("bdev_name", "n")));
            instance.call("bdev_set_qos_limit", Map.of("name", "n", "rw_ios_per_sec", 5000L));
            String saved = instance.saveConfig();
            for (String bundle : new String[] {"dev.karst.nvmf", "dev.karst.bdev", "dev.karst.nvmf.tcp"}) {
                instance.shell("bundle:restart " + bundle);
                awaitHost(port);
                try (Host host = new Host(port)) {
                    assertEquals(0, host.io.read(2, 0, 1, 512).status());
                }
                assertAllIsBack(instance, saved, bundle);
            }
            Map<?, ?> startup = (Map<?, ?>) instance.call("karst_get_startup", Map.of());
            assertEquals("ready", startup.get("state"), startup::toString);
            assertComesBackAfterKill(instance, saved);
        }
    }

    private KarstInstance servingFile(int port) throws IOException {
        return new KarstInstance(folder.resolve("data"),
            SavedConfiguration.serving(port, NQN, "bdev_aio_create", "\"filename\": \"f.img\", \"create_size_mib\": 1"));
    }

    /** Changes wait until what has come is back, so what is looked at after one is all, once every layer has come. */
    private static void assertAllIsBack(KarstInstance instance, String saved, String bundle) throws IOException, InterruptedException {
        int sections = sections(saved);
        await("not all layers came back", () -> layers(instance) >= sections);
        instance.call("bdev_null_create", Map.of("name", "late", "num_blocks", 64L, "block_size", 512L));
        instance.call("bdev_null_delete", Map.of("name", "late"));
        assertEquals(saved, instance.saveConfig(), bundle);
    }

    private static int sections(String saved) throws IOException {
        try {
            return ((List<?>) ((Map<?, ?>) Json.parse(saved)).get("subsystems")).size();
        } catch (JsonException e) {
            throw new IOException(e);
        }
    }

    private static int layers(KarstInstance instance) throws IOException {
        return ((List<?>) instance.call("framework_get_subsystems", Map.of())).size();
    }

    private static void assertComesBackAfterKill(KarstInstance instance, String saved) throws IOException {
        instance.kill();
        instance.startAgain();
        assertEquals(saved, instance.saveConfig());
    }

    /** Below all layers there is nothing that could hold connections: hosts connect again. */
    @Test
    void shouldServeAgainWhenTheStackIsRestartedInPlace() throws Exception {
        int port = KarstInstance.freePort();
        try (KarstInstance instance = servingFile(port)) {
            instance.up();
            String saved = instance.saveConfig();
            byte[] written = new byte[512];
            for (String bundle : new String[] {
                "dev.karst.env.linux", "dev.karst.reactor", "dev.karst.bdev.api", "dev.karst.rpc.api", "dev.karst.base"}) {
                Arrays.fill(written, (byte) bundle.length());
                try (Host host = new Host(port)) {
                    assertEquals(0, host.io.write(1, 3, 1, written, true).status());
                }
                long restarts = restarts(instance);
                // The command returns before the bundles are stopped, and the shell's own session may end with what it stands on.
                instance.karst("shell", "bundle:refresh " + bundle);
                await("nothing was restarted", () -> restarts(instance) != restarts);
                awaitHost(port);
                try (Host host = new Host(port)) {
                    assertArrayEquals(written, host.io.read(1, 3, 1, 512).data(), bundle);
                }
                assertAllIsBack(instance, saved, bundle);
            }
            assertComesBackAfterKill(instance, saved);
        }
    }

    /** The block layer brings its devices back by itself, with what they hold: a disk in memory is nowhere else. */
    @Test
    void shouldHoldWhatWasWrittenWhenTheBlockLayerIsRestarted() throws Exception {
        int port = KarstInstance.freePort();
        String file = SavedConfiguration.serving(port, NQN, "bdev_malloc_create", "\"num_blocks\": 2048, \"block_size\": 512");
        try (KarstInstance instance = new KarstInstance(folder.resolve("data"), file)) {
            instance.up();
            byte[] written = new byte[512];
            Arrays.fill(written, (byte) 0x5a);
            try (Host host = new Host(port)) {
                assertEquals(0, host.io.write(1, 5, 1, written, true).status());
            }
            for (int round = 0; round < 3; round++) {
                instance.shell("bundle:restart dev.karst.bdev");
                awaitHost(port);
                try (Host host = new Host(port)) {
                    assertArrayEquals(written, host.io.read(1, 5, 1, 512).data());
                }
            }
            Map<?, ?> startup = (Map<?, ?>) instance.call("karst_get_startup", Map.of());
            assertEquals("ready", startup.get("state"), startup::toString);
        }
    }

    @Test
    void shouldKeepConnectionsWhenALayerIsReplacedUnderLoad() throws Exception {
        int port = KarstInstance.freePort();
        try (KarstInstance instance = servingFile(port)) {
            instance.up();
            instance.call("bdev_malloc_create", Map.of("name", "m", "num_blocks", 64L, "block_size", 512L));
            instance.call("bdev_passthru_create", Map.of("name", "p", "base_bdev_name", "m"));
            instance.call("nvmf_subsystem_add_ns", Map.of("nqn", NQN, "namespace", Map.of("bdev_name", "p")));
            instance.call("bdev_null_create", Map.of("name", "n", "num_blocks", 64L, "block_size", 512L));
            try (SteadyHost host = new SteadyHost(port, NQN, HOST)) {
                host.begin();
                for (String how : new String[] {"restart", "update"}) {
                    for (String bundle : new String[] {"dev.karst.nvmf.tcp", "dev.karst.nvmf", "dev.karst.bdev"}) {
                        long before = host.commands();
                        host.longestMs();
                        instance.shell("bundle:" + how + " " + bundle);
                        awaitCommands(host, before);
                        long pauseMs = host.longestMs();
                        LOG.log(System.Logger.Level.INFO, "{0} of {1}: hosts waited {2} ms", how, bundle, pauseMs);
                        assertTrue(pauseMs < LONGEST_PAUSE_MS, () -> bundle + ": hosts waited " + pauseMs + " ms");
                    }
                }
                host.end();
                instance.call("nvmf_subsystem_add_ns", Map.of("nqn", NQN, "namespace", Map.of("bdev_name", "n")));
                host.expectNamespaceEvent();
            }
        }
    }

    /** I/O goes on once the layers are back. */
    private static void awaitCommands(SteadyHost host, long before) throws Exception {
        TimeUnit.MILLISECONDS.sleep(3_000);
        host.check();
        for (long waited = 0; host.commands() <= before + 1_000; waited += 100) {
            assertTrue(waited < PATIENCE_MS, "no I/O any more");
            TimeUnit.MILLISECONDS.sleep(100);
            host.check();
        }
    }

    /** How often the layer above most others has come back so far. */
    private static long restarts(KarstInstance instance) throws IOException {
        return Files.readString(instance.data().resolve("log/karst.log")).lines().filter(line -> line.contains("configuration: nvmf was restarted")).count();
    }

    private static boolean answers(Host host) {
        try {
            return host.io.read(1, 3, 1, 512).status() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Tries as a host does that lost its target. */
    private static void awaitHost(int port) throws IOException, InterruptedException {
        await("no host can connect any more", () -> serves(port));
    }

    private static void await(String otherwise, Condition condition) throws IOException, InterruptedException {
        for (long waited = 0; !condition.holds(); waited += 100) {
            assertTrue(waited < PATIENCE_MS, otherwise);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** Something that is true sooner or later. */
    private interface Condition {
        boolean holds() throws IOException;
    }

    private static boolean serves(int port) {
        try (Host host = new Host(port)) {
            return answers(host);
        } catch (IOException e) {
            return false;
        }
    }

    /** A host with an admin queue and an I/O queue. */
    private static final class Host implements AutoCloseable {
        private final NvmeTcpHost admin;
        private final NvmeTcpHost io;

        Host(int port) throws IOException {
            admin = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
            io = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
            admin.initialize(false, false);
            io.initialize(false, false);
            check(admin.connect(NQN, HOST, 0, 32));
            admin.enable();
            io.controllerId(admin.controllerId());
            check(io.connect(NQN, HOST, 1, 32));
        }

        private static void check(NvmeTcpHost.Completion completion) throws IOException {
            if (completion.status() != 0) {
                throw new IOException("Connect ended with status %x".formatted(completion.status()));
            }
        }

        @Override
        public void close() throws IOException {
            io.close();
            admin.close();
        }
    }
}
