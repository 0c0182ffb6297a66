package dev.karst.itests.guest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An instance of the assembled distribution with a data folder and an NVMe/TCP port of its own, driven by the root's
 * {@code karst} script. It exports one file as the namespace of {@link #NQN}. Any thread, one at a time.
 */
final class KarstProcess implements AutoCloseable {
    /** The subsystem that it serves. */
    static final String NQN = "nqn.2026-11.dev.karst:guest-test";

    private static final Path ROOT = Path.of(System.getProperty("karst.root"));
    private static final Duration UP_LIMIT = Duration.ofMinutes(3);
    private static final Duration DOWN_LIMIT = Duration.ofSeconds(90);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

    private final Path data;
    private final int port;

    private KarstProcess(Path data, int port) {
        this.data = data;
        this.port = port;
    }

    /** A new instance, not started: the folder is emptied and gets its saved configuration. */
    static KarstProcess in(Path data) throws IOException {
        GuestRunner.delete(data);
        KarstProcess instance = new KarstProcess(data.toAbsolutePath(), freePort());
        Files.createDirectories(data.resolve("etc"));
        Files.writeString(data.resolve("etc/karst.json"), instance.configuration());
        return instance;
    }

    int port() {
        return port;
    }

    /** Starts it, and returns when it serves. */
    void up() throws IOException {
        karst(UP_LIMIT, "up");
    }

    /** Ends its process at once, as a crash would; returns when the process is gone. */
    void kill() throws IOException {
        String pid = Files.readString(data.resolve("karst.pid")).strip();
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid))
            .orElseThrow(() -> new AssertionError("process " + pid + " of " + data + "/karst.pid does not run"));
        process.destroyForcibly();
        try {
            process.onExit().get(KILL_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw GuestRunner.interrupted();
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("process " + pid + " survived kill -9", e);
        }
    }

    /** Stops it in an orderly way, if it runs. */
    @Override
    public void close() throws IOException {
        karst(DOWN_LIMIT, "down");
    }

    private void karst(Duration limit, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(ROOT.resolve("karst").toString()));
        line.addAll(List.of(arguments));
        Path log = data.resolveSibling(data.getFileName() + "-" + arguments[0] + ".log");
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("KARST_DATA", data.toString());
        // As it was built, so that the script does not build it again.
        builder.environment().put("KARST_HOME", ROOT.resolve("karaf-distribution/target/assembly").toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        process.getOutputStream().close();
        try {
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                process.destroy();
                throw failure("did not end in " + limit.toSeconds() + " s", log, arguments);
            }
        } catch (InterruptedException e) {
            process.destroy();
            throw GuestRunner.interrupted();
        }
        if (process.exitValue() != 0) {
            throw failure("failed with status " + process.exitValue(), log, arguments);
        }
    }

    private AssertionError failure(String what, Path log, String... arguments) {
        return new AssertionError("karst " + String.join(" ", arguments) + " on " + data + " " + what + "\n"
            + GuestRunner.tail(log) + "\n" + GuestRunner.tail(data.resolve("log/karst.log")));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The saved configuration: a file of 256 MiB in the data folder, exported on the port. */
    private String configuration() {
        return """
            {"subsystems": [
              {"subsystem": "bdev", "config": [
                {"method": "bdev_aio_create", "params": {
                  "name": "disk0", "filename": "disk0.img", "block_size": 512, "create_size_mib": 256}}]},
              {"subsystem": "nvmf", "config": [
                {"method": "nvmf_create_transport", "params": {"trtype": "TCP"}},
                {"method": "nvmf_create_subsystem", "params": {
                  "nqn": "%1$s", "allow_any_host": true, "serial_number": "KARSTGUEST", "model_number": "Karst"}},
                {"method": "nvmf_subsystem_add_ns", "params": {
                  "nqn": "%1$s", "namespace": {"nsid": 1, "bdev_name": "disk0"}}},
                {"method": "nvmf_subsystem_add_listener", "params": {"nqn": "%1$s", "listen_address": {
                  "trtype": "TCP", "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "%2$d"}}}]}]}
            """.formatted(NQN, port);
    }
}
