package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Karaf's features come and go while hosts write and read: they see pauses, of a feature's own devices, and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FeaturesUnderLoadIT {
    private static final String NQN = "nqn.2026-11.dev.karst:features";
    private static final String ALL = "karst-env karst-keyring karst-bdev karst-bdev-malloc karst-bdev-null karst-bdev-file "
        + "karst-bdev-passthru karst-swap karst-nvmf-tcp karst-rpc karst-shell";
    /** What hosts can do without for a while: at once what they do not notice, and the RPC server with the shell, which needs it. */
    private static final List<String> BESIDE = List.of("karst-env karst-keyring karst-bdev karst-bdev-null karst-swap",
        "karst-bdev-malloc", "karst-bdev-file", "karst-bdev-passthru", "karst-shell karst-rpc");
    private static final int ROUNDS = 2;
    private static final long LIMIT_MS = 30_000;

    @TempDir private static Path folder;
    /** In memory: on a disk that Karaf and others write to, the flush of a single write takes a second and more. */
    private static final Path FILE = Path.of("/dev/shm/karst-features-" + ProcessHandle.current().pid());

    private KarstInstance instance;
    private int port;

    @BeforeAll
    void serve() throws Exception {
        port = KarstInstance.freePort();
        instance = new KarstInstance(folder.resolve("data"),
            SavedConfiguration.serving(port, NQN, "bdev_malloc_create", "\"num_blocks\": 2048, \"block_size\": 512"));
        // A feature's devices wait for it as long as a busy machine takes to uninstall and install it.
        Files.writeString(folder.resolve("data/etc/dev.karst.bdev.cfg"), "park.timeout.ms = 60000\n");
        instance.up();
        instance.call("bdev_aio_create", Map.of("name", "f", "filename", FILE.toString(), "create_size_mib", 1L));
        instance.call("bdev_malloc_create", Map.of("name", "base", "num_blocks", 2048L, "block_size", 512L));
        instance.call("bdev_passthru_create", Map.of("name", "p", "base_bdev_name", "base"));
        for (String bdev : List.of("f", "p")) {
            instance.call("nvmf_subsystem_add_ns", Map.of("nqn", NQN, "namespace", Map.of("bdev_name", bdev)));
        }
        // Each on its own, so that each can go.
        instance.shell("feature:install " + ALL);
        instance.shell("feature:uninstall karst");
    }

    @AfterAll
    void stop() throws IOException {
        instance.close();
        Files.deleteIfExists(FILE);
    }

    /** In one go, since what is parked waits meanwhile. */
    private void reinstall(String features) throws IOException {
        instance.shell("feature:uninstall " + features + "; feature:install " + features);
    }

    @Test
    void shouldPauseOnlyItsDevicesWhenAFeatureIsUninstalledAndInstalled() throws Exception {
        String saved = instance.saveConfig();
        for (String feature : BESIDE) {
            try (VerifiedLoad load = new VerifiedLoad(port, NQN, 3)) {
                load.takeLongestMs();
                reinstall(feature);
                System.out.println("features: longest pause of the host, " + feature + ": " + load.takeLongestMs() + " ms");
            }
            awaitAll(saved, feature);
        }
    }

    /** What the layers hold is back; the methods come back a moment after the bundle. */
    private void awaitAll(String saved, String feature) throws Exception {
        String now = "";
        for (long waited = 0; !now.equals(saved); waited += 100) {
            assertTrue(waited < LIMIT_MS, feature + ": " + now + " and not " + saved);
            TimeUnit.MILLISECONDS.sleep(100);
            now = savedNow();
        }
    }

    private String savedNow() {
        try {
            return instance.saveConfig();
        } catch (IOException | AssertionError e) {
            return e.toString();
        }
    }

    @Test
    void shouldServeAgainWhenTheTargetIsUninstalledAndInstalled() throws Exception {
        String saved = instance.saveConfig();
        reinstall("karst-nvmf-tcp");
        awaitAll(saved, "karst-nvmf-tcp");
        try (VerifiedLoad load = new VerifiedLoad(port, NQN, 3)) {
            load.takeLongestMs();
        }
    }

    @Test
    void shouldSwapWhenFeaturesAreInstalledMeanwhile() throws Exception {
        try (VerifiedLoad load = new VerifiedLoad(port, NQN, 3)) {
            load.takeLongestMs();
            CompletableFuture<Integer> features = CompletableFuture.supplyAsync(this::changeFeatures, task -> new Thread(task).start());
            int swaps = 0;
            while (!features.isDone()) {
                for (String module : List.of("malloc", "file", "passthru")) {
                    Map<?, ?> swap = (Map<?, ?>) instance.call("karst_module_swap", Map.of("name", module));
                    assertEquals("swapped", swap.get("outcome"), swap::toString);
                    swaps++;
                }
            }
            System.out.println("features: " + features.get() + " changes, " + swaps + " swaps, longest pause of the host: "
                + load.takeLongestMs() + " ms");
        }
        List<String> modules = instance.shell("bundle:list -s --no-format").lines().filter(line -> line.contains("dev.karst.bdev.")).toList();
        for (String module : List.of("malloc", "nullblk", "file", "passthru")) {
            List<String> of = modules.stream().filter(line -> line.contains("dev.karst.bdev." + module)).toList();
            assertEquals(1, of.size(), modules::toString);
            assertTrue(of.getFirst().contains("Active"), of::toString);
        }
    }

    private int changeFeatures() {
        try {
            for (int i = 0; i < ROUNDS; i++) {
                reinstall("karst-bdev-null");
            }
            return 2 * ROUNDS;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
