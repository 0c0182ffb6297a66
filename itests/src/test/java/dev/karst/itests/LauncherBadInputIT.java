package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.karst.itests.KarstInstance.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The karst script where something is wrong: one line that names the thing and the remedy, exit status 1, and nothing half
 * made stays behind.
 */
class LauncherBadInputIT {
    private static final String NQN = "nqn.2026-11.dev.karst:bad";
    private static final String MALLOC = "bdev_malloc_create";
    private static final String MEMORY = "\"block_size\": 512, \"num_blocks\": 2048";
    private static final String FILE = "bdev_aio_create";
    private static final long PATIENCE_MS = 30_000;

    @TempDir Path folder;

    @Test
    void shouldNamePortWhenItIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            String configuration = SavedConfiguration.serving(port, NQN, MALLOC, MEMORY);
            try (KarstInstance instance = new KarstInstance(folder.resolve("data"), configuration)) {
                refuses(instance, "nvmf_subsystem_add_listener", "127.0.0.1:" + port, "in use");
            }
        }
    }

    @Test
    void shouldNameFileAndRemedyWhenItIsMissing() throws Exception {
        try (KarstInstance instance = instance(FILE, "\"filename\": \"lost.img\"")) {
            refuses(instance, instance.data().resolve("lost.img").toString(), "create_size_mib");
            assertFalse(Files.exists(instance.data().resolve("lost.img")));
        }
    }

    @Test
    void shouldNameFileAndRemedyWhenItHasNoWholeBlocks() throws Exception {
        try (KarstInstance instance = instance(FILE, "\"filename\": \"odd.img\"")) {
            Path odd = instance.data().resolve("odd.img");
            Files.write(odd, new byte[1000]);
            refuses(instance, odd.toString(), "1000 bytes", "whole blocks of 512", "truncate");
            assertEquals(1000, Files.size(odd));
        }
    }

    @Test
    void shouldNameLineAndColumnWhenConfigurationIsNoJson() throws Exception {
        try (KarstInstance instance = new KarstInstance(folder.resolve("data"), "{\"subsystems\": [\n  {]\n}\n")) {
            refuses(instance, instance.data().resolve("etc/karst.json").toString(), "line 2, column 4");
        }
    }

    @Test
    void shouldNameSettingAndItsFileWhenItsValueIsNone() throws Exception {
        try (KarstInstance instance = instance(MALLOC, MEMORY)) {
            Path settings = instance.data().resolve("etc/dev.karst.reactor.cfg");
            Files.writeString(settings, "idle.policy = sometimes\n");
            refuses(instance, "idle.policy is sometimes", "poll, adaptive or interrupt", settings.toString());
        }
    }

    @Test
    void shouldNameFolderAndMakeNothingWhenDiskIsFull() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        mountTiny(disk);
        try {
            Path data = disk.resolve("data");
            Result up = new KarstInstance(folder.resolve("unused"), "{}").with("KARST_DATA", data.toString()).karst("up");
            assertRefusal(up, data.toString(), "make room");
            assertEquals(List.of(), children(disk));
        } finally {
            assertEquals(0, run("umount", disk.toString()));
        }
    }

    private static void mountTiny(Path folder) throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            abort("only root can mount a small file system");
        }
        if (run("mount", "-t", "tmpfs", "-o", "size=256k", "karst-test", folder.toString()) != 0) {
            abort("no file system can be mounted here");
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.toList();
        }
    }

    @Test
    void shouldNameParameterAndMakeNothingWhenCallIsWrong() throws Exception {
        try (KarstInstance instance = instance(MALLOC, MEMORY)) {
            instance.up();
            Path image = instance.data().resolve("new.img");
            assertAll(
                () -> assertRefusal(instance.karst("rpc", MALLOC, "block_size=some", "num_blocks=8"), MALLOC, "block_size"),
                () -> assertRefusal(instance.karst("rpc", MALLOC, "block_size=512", "num_blocks=8", "size=4"), MALLOC, "size"),
                () -> assertRefusal(instance.karst("rpc", MALLOC, "block_size=512"), MALLOC, "num_blocks"),
                () -> assertRefusal(instance.karst("rpc", MALLOC, "512"), "512", "key=value"),
                () -> assertRefusal(instance.karst("rpc", "bdev_make"), "bdev_make", "rpc_get_methods"),
                () -> assertRefusal(instance.karst("rpc", "bdev_get_bdevs", "name=none"), "none", "bdev_get_bdevs"),
                () -> assertRefusal(
                    instance.karst("rpc", FILE, "name=new", "filename=" + image, "create_size_mib=1", "block_size=1000"),
                    "block_size", "1000", "power of two"),
                () -> assertFalse(Files.exists(image)));
            assertAll(
                () -> assertRefusal(instance.karst("shell", "bdev:malloc-create 8 some"), "block_size", "--help"),
                () -> assertRefusal(instance.karst("shell", "bdev:malloc-create --size 4 8 512"), "--size", "--help"),
                () -> assertRefusal(instance.karst("shell", "bdev:malloc-delete none"), "none", "bdev:list"));
            Result bdevs = instance.karst("shell", "bdev:list --no-format");
            assertTrue(bdevs.output().lines().count() == 1 && bdevs.output().startsWith("disk0"), bdevs::toString);
        }
    }

    /** The JDK that is found pretends; nothing of it is run. */
    @Test
    void shouldAskForJdk25AndMakeNothingWhenOnlyAnOlderOneIsFound() throws Exception {
        Path jdk = Files.createDirectories(folder.resolve("jvms/jdk-17/bin")).getParent();
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
        Files.createFile(jdk.resolve("bin/java"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path data = folder.resolve("never");
        Result up = new KarstInstance(folder.resolve("unused"), "{}")
            .with("KARST_DATA", data.toString())
            .with("KARST_JVMS", folder.resolve("jvms").toString())
            .with("JAVA_HOME", jdk.toString())
            .with("HOME", folder.toString())
            .with("PATH", jdk.resolve("bin") + ":" + System.getenv("PATH"))
            .karst("up");
        assertRefusal(up, "JDK 25", "JAVA_HOME");
        assertFalse(Files.exists(data));
    }

    @Test
    void shouldLeaveNothingWhenItsStartIsInterrupted() throws Exception {
        try (KarstInstance instance = instance(MALLOC, MEMORY)) {
            Path output = folder.resolve("output");
            Process up = instance.begin(output, "up");
            awaitFile(up, instance.data().resolve("karst.pid"));
            up.destroy();
            assertTrue(up.waitFor(PATIENCE_MS, TimeUnit.MILLISECONDS), "karst up goes on after SIGTERM");
            assertRefusal(new Result(up.exitValue(), Files.readString(output)), "interrupted", "log");
            assertNothingRuns(instance);
        }
    }

    private static void awaitFile(Process process, Path file) throws Exception {
        for (long waited = 0; !Files.exists(file); waited += 20) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS) || waited > PATIENCE_MS) {
                fail(file + " does not appear");
            }
        }
    }

    private KarstInstance instance(String method, String parameters) throws IOException {
        int port = KarstInstance.freePort();
        return new KarstInstance(folder.resolve("data"), SavedConfiguration.serving(port, NQN, method, parameters));
    }

    /** Starts it in vain. */
    private static void refuses(KarstInstance instance, String... parts) throws IOException {
        assertRefusal(instance.karst("up"), parts);
        assertNothingRuns(instance);
    }

    /** Status 1 and one line with all these parts, besides the line that says that it starts. */
    private static void assertRefusal(Result result, String... parts) {
        List<String> lines = result.output().lines().filter(line -> !line.startsWith("Starting on ")).toList();
        assertEquals(1, result.status(), result::toString);
        assertEquals(1, lines.size(), result::toString);
        for (String part : parts) {
            assertTrue(lines.getFirst().contains(part), () -> "'" + part + "' is not in: " + lines.getFirst());
        }
    }

    private static void assertNothingRuns(KarstInstance instance) {
        assertAll(
            () -> assertFalse(instance.hasProcess()),
            () -> assertFalse(Files.exists(instance.data().resolve("karst.pid"))),
            () -> assertFalse(Files.exists(instance.data().resolve("karst.sock"))));
    }
}
