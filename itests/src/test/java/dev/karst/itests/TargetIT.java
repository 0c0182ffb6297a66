package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that are named as SPDK's, started as SPDK's clients start them. */
class TargetIT {
    private static final String NQN = "nqn.2026-11.dev.karst:target";
    private static final long LIMIT_S = 120;
    private static final long STEP_MS = 50;

    @TempDir Path folder;

    private Process program;

    @AfterEach
    void end() throws Exception {
        if (program != null) {
            program.destroy();
            assertTrue(program.waitFor(LIMIT_S, TimeUnit.SECONDS), "it goes on after SIGTERM");
        }
    }

    private Path socket() {
        return folder.resolve("spdk.sock");
    }

    private Path data() {
        return Path.of(socket() + ".karst");
    }

    private Path errors() {
        return folder.resolve("errors");
    }

    private void start(String name, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(KarstInstance.DISTRIBUTION.resolve("bin").resolve(name).toString()));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command)
            .redirectOutput(folder.resolve("output").toFile()).redirectError(errors().toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("KARST_"));
        program = builder.start();
    }

    /** Connects as soon as somebody listens. */
    private RpcSocket connect() throws Exception {
        for (long waited = 0; waited < TimeUnit.SECONDS.toMillis(LIMIT_S); waited += STEP_MS) {
            try {
                return new RpcSocket(socket());
            } catch (IOException e) {
                assertFalse(program.waitFor(STEP_MS, TimeUnit.MILLISECONDS), () -> "it has ended: " + KarstInstance.tail(errors()));
            }
        }
        throw new AssertionError("nobody listens at " + socket());
    }

    private int status(String signal) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", signal, Long.toString(program.pid())).start().waitFor());
        assertTrue(program.waitFor(LIMIT_S, TimeUnit.SECONDS), "it goes on after " + signal);
        return program.exitValue();
    }

    private boolean hasProcess() {
        return KarstInstance.hasProcess(data());
    }

    @Test
    void shouldServeConfigurationUntilTerminatedWhenStartedWithSpdksOptions() throws Exception {
        Path file = Files.writeString(folder.resolve("config.json"), SavedConfiguration.serving(
            KarstInstance.freePort(), NQN, "bdev_malloc_create", "\"block_size\": 512, \"num_blocks\": 2048"));
        start("nvmf_tgt", "-u", "-r", socket().toString(), "-m", "0x1", "-s", "512", "-g", "--shm-id=3", "--json", file.toString());
        try (RpcSocket rpc = connect()) {
            rpc.call("framework_wait_init", Map.of());
            assertTrue(rpc.call("nvmf_get_subsystems", Map.of()).toString().contains(NQN));
            assertEquals(1, ((List<?>) ((Map<?, ?>) rpc.call("framework_get_reactors", Map.of())).get("reactors")).size());
        }
        assertAll(
            () -> assertEquals("nvmf_tgt: without effect here: -u, -s, -g, --shm-id\n", Files.readString(errors())),
            () -> assertEquals("rwx------", PosixFilePermissions.toString(
                Files.getPosixFilePermissions(data()))),
            () -> assertEquals(0, status("-TERM")),
            () -> assertFalse(hasProcess()),
            () -> assertFalse(Files.exists(socket())));
    }

    @Test
    void shouldWaitForStartAndKeepNothingWhenStartedAgain() throws Exception {
        for (int start = 0; start < 2; start++) {
            start("spdk_tgt", "--wait-for-rpc", "-r", socket().toString(), "-m[0]");
            try (RpcSocket rpc = connect()) {
                Map<String, Object> disk = Map.of("name", "disk0", "num_blocks", 8L, "block_size", 512L);
                assertEquals(-1L, rpc.error("bdev_null_create", disk).get("code"));
                rpc.call("bdev_set_options", Map.of("bdev_auto_examine", true));
                assertEquals(true, rpc.call("framework_start_init", Map.of()));
                assertEquals("disk0", rpc.call("bdev_null_create", disk));
            }
            assertEquals(0, status("-INT"));
        }
    }

    @Test
    void shouldEndWithProgramWhenThatIsKilled() throws Exception {
        start("nvmf_tgt", "-r", socket().toString());
        connect().close();
        status("-KILL");
        for (long waited = 0; hasProcess() && waited < TimeUnit.SECONDS.toMillis(LIMIT_S); waited += STEP_MS) {
            TimeUnit.MILLISECONDS.sleep(STEP_MS);
        }
        assertFalse(hasProcess());
    }

    @Test
    void shouldSayWhyWhenItCannotStart() throws Exception {
        Map<String, List<String>> cases = Map.of(
            "-m: 0y is neither a mask such as 0x3 nor a list such as [0,2-3]", List.of("-m", "0y"),
            "-c: /none cannot be read", List.of("-c", "/none"),
            "--rpcs-allowed is not there: whoever may open the socket may call every method", List.of("--rpcs-allowed", "x"),
            "-r: 127.0.0.1:5260 is no path; JSON-RPC is at a unix socket only", List.of("-r", "127.0.0.1:5260"));
        for (Map.Entry<String, List<String>> each : cases.entrySet()) {
            start("nvmf_tgt", each.getValue().toArray(String[]::new));
            assertTrue(program.waitFor(LIMIT_S, TimeUnit.SECONDS));
            assertEquals(1, program.exitValue(), each.getKey());
            assertEquals("nvmf_tgt: " + each.getKey() + "\n", Files.readString(errors()));
        }
    }
}
