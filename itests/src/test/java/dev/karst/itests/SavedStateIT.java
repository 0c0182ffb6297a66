package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was changed over the socket of a running instance comes back, however that instance ended. */
class SavedStateIT {
    private static final String NQN = "nqn.2026-11.dev.karst:kept";
    private static final int KILLS = Integer.getInteger("karst.state.kills", 20);
    private static final int CLIENTS = 3;
    private static final long LONGEST_MS = 400;
    /** After every so many kills the start that follows is killed too. */
    private static final int KILLS_PER_CUT_START = 5;
    private static final long LONGEST_START_MS = 2000;

    @TempDir Path folder;

    /** Creates and deletes devices one after the other, and knows what it was answered. */
    private static final class Client {
        private final Path socket;
        private final String stem;
        private final SplittableRandom random;
        private final Set<String> there = new TreeSet<>();
        /** On its way when the connection ended; null when nothing was. */
        private String onItsWay;
        private int answered;

        Client(Path socket, int number) {
            this.socket = socket;
            this.stem = "c" + number + "-";
            this.random = new SplittableRandom(number);
        }

        /** Until the connection ends. */
        void run() {
            try (RpcSocket rpc = new RpcSocket(socket)) {
                while (true) {
                    onItsWay = stem + random.nextInt(30);
                    boolean create = !there.contains(onItsWay);
                    rpc.call(create ? "bdev_null_create" : "bdev_null_delete", create
                        ? Map.of("name", onItsWay, "num_blocks", 8L, "block_size", 512L) : Map.of("name", onItsWay));
                    boolean isChanged = create ? there.add(onItsWay) : there.remove(onItsWay);
                    assertTrue(isChanged);
                    onItsWay = null;
                    answered++;
                }
            } catch (IOException e) {
                // It was killed.
            }
        }

        /** Takes over what is there, which must be what was answered, with what was on its way or without. */
        void check(Set<String> found) {
            Set<String> own = found.stream().filter(name -> name.startsWith(stem)).collect(Collectors.toCollection(TreeSet::new));
            Set<String> other = new TreeSet<>(there);
            if (onItsWay != null && !other.remove(onItsWay)) {
                other.add(onItsWay);
            }
            assertTrue(own.equals(there) || own.equals(other), () -> own + " is neither " + there + " nor " + other);
            there.clear();
            there.addAll(own);
            onItsWay = null;
        }
    }

    private static Set<String> names(KarstInstance instance) throws IOException {
        return ((List<?>) instance.call("bdev_get_bdevs", Map.of())).stream()
            .map(bdev -> (String) ((Map<?, ?>) bdev).get("name")).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void shouldHoldWhatWasAnsweredWhenKilledAtAnyMoment() throws Exception {
        var random = new SplittableRandom(Long.getLong("karst.sim.seed", 1));
        try (KarstInstance instance = new KarstInstance(folder.resolve("data"), "{\"subsystems\": []}")) {
            instance.up();
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client(instance.data().resolve("karst.sock"), i));
            }
            for (int kill = 0; kill < KILLS; kill++) {
                List<CompletableFuture<Void>> runs =
                    clients.stream().map(client -> CompletableFuture.runAsync(client::run)).toList();
                TimeUnit.MILLISECONDS.sleep(random.nextLong(LONGEST_MS));
                instance.kill();
                for (CompletableFuture<Void> run : runs) {
                    run.get(10, TimeUnit.SECONDS);
                }
                if (kill % KILLS_PER_CUT_START == 0) {
                    instance.cutStart(random.nextLong(LONGEST_START_MS));
                }
                instance.startAgain();
                Set<String> found = names(instance);
                clients.forEach(client -> client.check(found));
            }
            int answered = clients.stream().mapToInt(client -> client.answered).sum();
            assertTrue(answered > 5 * KILLS, answered + " changes are too few to tell");
        }
    }

    @Test
    void shouldGiveTheSameBytesWhenRestartedOrLoadedElsewhere() throws Exception {
        int port = KarstInstance.freePort();
        String file = SavedConfiguration.serving(
            port, NQN, "bdev_malloc_create", "\"block_size\": 512, \"num_blocks\": 2048");
        String saved;
        try (KarstInstance instance = new KarstInstance(folder.resolve("one"), file)) {
            instance.up();
            instance.rpc("bdev_malloc_create", "num_blocks=64", "block_size=4096", "md_size=8");
            instance.rpc("bdev_null_create", "name=n", "num_blocks=64", "block_size=512");
            instance.rpc("bdev_null_resize", "name=n", "new_size=3");
            instance.rpc("bdev_aio_create", "name=f", "filename=f.img", "create_size_mib=1");
            instance.rpc("bdev_passthru_create", "name=p", "base_bdev_name=n");
            instance.rpc("bdev_set_qos_limit", "name=n", "rw_ios_per_sec=5000", "r_mbytes_per_sec=7");
            instance.rpc("bdev_enable_histogram", "name=n", "enable=true");
            instance.rpc("nvmf_subsystem_add_ns", "nqn=" + NQN, "namespace={\"bdev_name\":\"p\",\"no_auto_visible\":true}");
            instance.rpc("nvmf_ns_add_host", "nqn=" + NQN, "nsid=2", "host=nqn.2026-11.dev.karst:h1");
            instance.rpc("nvmf_ns_add_host", "nqn=" + NQN, "nsid=2", "host=nqn.2026-11.dev.karst:h0");
            instance.rpc("nvmf_subsystem_add_host", "nqn=" + NQN, "host=nqn.2026-11.dev.karst:h1");
            instance.rpc("nvmf_subsystem_listener_set_ana_state", "nqn=" + NQN, "ana_state=non_optimized", "anagrpid=2",
                "listen_address={\"trtype\":\"TCP\",\"traddr\":\"127.0.0.1\",\"trsvcid\":\"" + port + "\"}");
            instance.rpc("nvmf_discovery_add_referral", "address={\"trtype\":\"TCP\",\"traddr\":\"192.0.2.1\",\"trsvcid\":\"4420\"}");
            instance.rpc("nvmf_set_config", "discovery_filter=transport,svcid");
            instance.rpc("bdev_malloc_delete", "name=Malloc0");
            saved = instance.saveConfig();
            instance.kill();
            instance.up();
            assertEquals(saved, instance.saveConfig());
        }
        Files.createDirectory(folder.resolve("two"));
        Files.copy(folder.resolve("one/f.img"), folder.resolve("two/f.img"));
        try (KarstInstance other = new KarstInstance(folder.resolve("two"), saved)) {
            other.up();
            assertEquals(saved, other.saveConfig());
        }
    }

    @Test
    void shouldStartTheRestAndSayWhatIsMissingWhenAFileIsLost() throws Exception {
        String file = SavedConfiguration.serving(KarstInstance.freePort(), NQN, "bdev_malloc_create", "\"block_size\": 512, \"num_blocks\": 2048");
        try (KarstInstance instance = new KarstInstance(folder.resolve("data"), file)) {
            instance.up();
            instance.rpc("bdev_aio_create", "name=f", "filename=f.img", "create_size_mib=1");
            instance.rpc("nvmf_subsystem_add_ns", "nqn=" + NQN, "namespace={\"bdev_name\":\"f\"}");
            String saved = instance.saveConfig();
            instance.kill();
            Path image = instance.data().resolve("f.img");
            Files.move(image, folder.resolve("f.img"));
            Result up = instance.karst("up");
            assertTrue(up.status() == 0 && up.output().contains("Left out until the next start") && up.output().contains("f.img"), up::toString);
            assertFalse(Files.exists(image));
            instance.rpc("bdev_null_create", "name=n", "num_blocks=64", "block_size=512");
            instance.kill();
            Files.move(folder.resolve("f.img"), image);
            instance.up();
            instance.rpc("bdev_null_delete", "name=n");
            assertEquals(saved, instance.saveConfig());
        }
    }
}
