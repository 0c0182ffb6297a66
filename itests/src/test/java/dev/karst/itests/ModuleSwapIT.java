package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.ModuleJars.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Modules are replaced in every way while a host writes and reads: it sees pauses, and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModuleSwapIT {
    private static final String NQN = "nqn.2026-11.dev.karst:swapped";
    private static final long LONGEST_PAUSE_MS = 1_000;
    /** What is no good shows before the 3 s are over that a version may take. */
    private static final long LONGEST_ROLLBACK_MS = 2_900;
    private static final long LIMIT_MS = 20_000;
    private static final int SWAPS = Integer.getInteger("karst.swaps", 50);

    /** A module, its bundle and the class of its component. */
    private record Kind(String name, String bundle, String component) {
        static Kind of(String name, String component) {
            return new Kind(name, "dev.karst.bdev." + name, "dev.karst.bdev." + name + "." + component);
        }
    }

    private static final List<Kind> KINDS = List.of(Kind.of("malloc", "MallocModule"), Kind.of("file", "FileModule"),
        Kind.of("passthru", "PassthruModule"));

    @TempDir private static Path folder;

    private KarstInstance instance;
    private VerifiedLoad load;
    private ModuleJars jars;
    private int port;

    /** One for all tests: its start takes longer than most of them. */
    @BeforeAll
    void serve() throws Exception {
        port = KarstInstance.freePort();
        jars = new ModuleJars(folder.resolve("jars"));
        instance = new KarstInstance(folder.resolve("data"),
            SavedConfiguration.serving(port, NQN, "bdev_malloc_create", "\"num_blocks\": 2048, \"block_size\": 512"));
        instance.up();
        instance.call("bdev_aio_create", Map.of("name", "f", "filename", "f.img", "create_size_mib", 1L));
        instance.call("bdev_malloc_create", Map.of("name", "base", "num_blocks", 2048L, "block_size", 512L));
        instance.call("bdev_passthru_create", Map.of("name", "p", "base_bdev_name", "base"));
        for (String bdev : List.of("f", "p")) {
            instance.call("nvmf_subsystem_add_ns", Map.of("nqn", NQN, "namespace", Map.of("bdev_name", bdev)));
        }
    }

    @BeforeEach
    void connect() throws Exception {
        load = new VerifiedLoad(port, NQN, 3);
        load.takeLongestMs();
    }

    @AfterEach
    void verify() throws IOException {
        System.out.println("swap: I/Os " + load.done());
        load.close();
    }

    @AfterAll
    void stop() throws IOException {
        instance.close();
    }

    private Map<?, ?> lastSwap() throws IOException {
        List<?> swaps = (List<?>) instance.call("karst_get_swaps", Map.of());
        return swaps.isEmpty() ? Map.of() : (Map<?, ?>) swaps.getLast();
    }

    private Object lastId() throws IOException {
        return lastSwap().get("id");
    }

    /** Waits for the end of the swap after that one. */
    private Map<?, ?> next(Object id) throws Exception {
        Map<?, ?> last = lastSwap();
        for (long waited = 0; isOld(last, id); waited += 20) {
            assertTrue(waited < LIMIT_MS, "no swap after " + id + ": " + last);
            TimeUnit.MILLISECONDS.sleep(20);
            last = lastSwap();
        }
        return last;
    }

    private static boolean isOld(Map<?, ?> swap, Object id) {
        return swap.isEmpty() || swap.get("id").equals(id) || swap.get("outcome").equals("running");
    }

    private void assertPause(String what, long most) throws Exception {
        long pause = load.takeLongestMs();
        System.out.println("swap: longest pause of the host, " + what + ": " + pause + " ms");
        assertTrue(pause < most, what + ": " + pause + " ms");
    }

    private void assertSwapped(Kind kind, String how, Map<?, ?> swap) {
        assertEquals(List.of(how, kind.name, "swapped"), List.of(swap.get("kind"), swap.get("module"), swap.get("outcome")),
            swap::toString);
    }

    @Test
    void shouldPauseOnlyWhenModuleIsReplaced() throws Exception {
        for (Kind kind : KINDS) {
            Path file = jars.make(kind.bundle, kind.component, Fault.NONE, "next");
            assertSwapped(kind, "planned", (Map<?, ?>) instance.call("karst_module_swap",
                Map.of("name", kind.name, "file", file.toString())));
            assertPause("planned swap of " + kind.name, LONGEST_PAUSE_MS);
            Object id = lastId();
            instance.shell("bundle:update " + kind.bundle);
            assertSwapped(kind, "update", next(id));
            assertPause("update of " + kind.name, LONGEST_PAUSE_MS);
            id = lastId();
            instance.shell("bundle:stop " + kind.bundle + "; bundle:start " + kind.bundle);
            assertSwapped(kind, "restart", next(id));
            assertPause("stop and start of " + kind.name, LONGEST_PAUSE_MS);
            for (String version : List.of("first", "second")) {
                id = lastId();
                deploy(jars.make(kind.bundle, kind.component, Fault.NONE, version), kind);
                assertSwapped(kind, "update", next(id));
                assertPause(version + " from the deploy folder of " + kind.name, LONGEST_PAUSE_MS);
            }
        }
    }

    /** As a copy into the folder ends: whole at once. */
    private void deploy(Path jar, Kind kind) throws IOException {
        Path deploy = Files.createDirectories(folder.resolve("data/deploy"));
        Path passing = Files.copy(jar, folder.resolve("passing"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(passing, deploy.resolve(kind.name + ".jar"), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void shouldKeepVersionBeforeWhenPlannedOneIsNoGood() throws Exception {
        Map<Fault, String> reasons = Map.of(
            Fault.DOES_NOT_RESOLVE, "(osgi.wiring.package=no.such.thing)",
            Fault.THROWS, "worn out",
            Fault.BRINGS_NO_MODULE, "brought no module malloc within 3000 ms",
            Fault.RESTORES_NOTHING, "registered nothing when it was to bring back disk0");
        Kind malloc = KINDS.getFirst();
        for (Map.Entry<Fault, String> each : reasons.entrySet()) {
            Path file = jars.make(malloc.bundle, malloc.component, each.getKey(), "broken");
            try (RpcSocket rpc = new RpcSocket(folder.resolve("data/karst.sock"))) {
                Object message = rpc.error("karst_module_swap", Map.of("name", "malloc", "file", file.toString())).get("message");
                assertTrue(message.toString().contains(each.getValue()), each.getKey() + ": " + message);
                assertEquals(1, message.toString().lines().count());
            }
            assertEquals("rolled_back", lastSwap().get("outcome"));
            assertPause("planned swap, " + each.getKey(), LONGEST_PAUSE_MS);
        }
    }

    @Test
    void shouldPutVersionBeforeBackWhenUpdateIsNoGood() throws Exception {
        Kind malloc = KINDS.getFirst();
        for (Fault fault : EnumSet.complementOf(EnumSet.of(Fault.NONE))) {
            Object id = lastId();
            Path file = jars.make(malloc.bundle, malloc.component, fault, "broken");
            instance.karst("shell", "bundle:update " + malloc.bundle + " file:" + file);
            Map<?, ?> swap = next(id);
            assertEquals("rolled_back", swap.get("outcome"), swap::toString);
            assertPause("update, " + fault + ", " + swap.get("reason"), LONGEST_ROLLBACK_MS);
        }
        Object id = lastId();
        deploy(jars.make(malloc.bundle, malloc.component, Fault.NONE, "first"), malloc);
        assertSwapped(malloc, "update", next(id));
        id = lastId();
        deploy(jars.make(malloc.bundle, malloc.component, Fault.THROWS, "broken"), malloc);
        Map<?, ?> swap = next(id);
        assertEquals("rolled_back", swap.get("outcome"), swap::toString);
        assertTrue(Files.exists(folder.resolve("data/deploy/malloc.jar.rejected")), swap::toString);
        assertPause("deploy folder, " + swap.get("reason"), LONGEST_ROLLBACK_MS);
    }

    @Test
    void shouldLeaveNothingBehindWhenSwappedManyTimes() throws Exception {
        swapAll(5);
        Holdings before = holdings();
        // Looking for all objects stops the process for a while.
        load.takeLongestMs();
        long begun = System.nanoTime();
        swapAll(SWAPS);
        System.out.println("swap: " + SWAPS + " swaps of each module in " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        System.out.println("swap: longest pause of a device in the last swaps: " + longestPauseUs() + " us");
        assertPause(SWAPS + " swaps of each module", LONGEST_PAUSE_MS);
        Holdings after = holdings();
        System.out.println("swap: before " + before + ", after " + after);
        assertEquals(before.loaders, after.loaders);
        assertEquals(before.descriptors, after.descriptors);
        // Carriers of virtual threads come and go. What the JVM maps for classes grows for the first hundred swaps; what a
        // swap left mapped would be there for each.
        assertTrue(after.threads <= before.threads + 4, before + ", " + after);
        assertTrue(after.mapped < before.mapped + KINDS.size() * SWAPS, before + ", " + after);
    }

    private long longestPauseUs() throws IOException {
        return ((List<?>) instance.call("karst_get_swaps", Map.of())).stream()
            .mapToLong(swap -> ((Number) ((Map<?, ?>) swap).get("longest_pause_us")).longValue()).max().orElseThrow();
    }

    private void swapAll(int times) throws IOException {
        for (int i = 0; i < times; i++) {
            for (Kind kind : KINDS) {
                instance.call("karst_module_swap", Map.of("name", kind.name));
            }
        }
    }

    /** What the process holds: class loaders of bundles, threads, descriptors and mappings. */
    private record Holdings(long loaders, long threads, long descriptors, long mapped) {}

    private Holdings holdings() throws Exception {
        String pid = Files.readString(folder.resolve("data/karst.pid")).strip();
        Process histogram = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/jcmd").toString(), pid,
            "GC.class_histogram").start();
        String text = new String(histogram.getInputStream().readAllBytes());
        long loaders = text.lines().filter(line -> line.contains("BundleWiringImpl$BundleClassLoader")).findFirst()
            .map(line -> Long.parseLong(line.strip().split("\\s+")[1])).orElseThrow(() -> new AssertionError(text));
        Path proc = Path.of("/proc", pid);
        return new Holdings(loaders, count(proc.resolve("task")), count(proc.resolve("fd")),
            Files.readAllLines(proc.resolve("maps")).size());
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
