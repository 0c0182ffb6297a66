package dev.karst.itests;

import dev.karst.rpc.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An instance of the assembled distribution in a folder of its own, driven from outside by the root's {@code karst} script.
 * Any thread, one at a time. It is stopped with {@link #close}.
 */
public final class KarstInstance implements AutoCloseable {
    private static final Path ROOT = Path.of(System.getProperty("karst.root"));
    /** The distribution, unpacked, as it was built. */
    static final Path DISTRIBUTION = ROOT.resolve("karaf-distribution/target/assembly");
    private static final long LIMIT_S = 180;
    private static final long KILL_LIMIT_S = 10;
    private static final long POLL_MS = 20;
    private static final int TAIL_LINES = 40;

    private final Path data;
    private final Map<String, String> environment = new HashMap<>();

    /** What a command gave: its exit status and both its outputs. */
    public record Result(int status, String output) {}

    /** An instance, not started, on a folder that exists or not; its starts play this configuration. */
    public KarstInstance(Path data, String configuration) throws IOException {
        this.data = data.toAbsolutePath();
        environment.put("KARST_DATA", this.data.toString());
        // As it was built, so that the script does not build it again.
        environment.put("KARST_HOME", DISTRIBUTION.toString());
        Files.createDirectories(data.resolve("etc"));
        Files.writeString(data.resolve("etc/karst.json"), configuration);
    }

    /** A text file of the distribution. */
    static String shipped(String file) throws IOException {
        return Files.readString(DISTRIBUTION.resolve(file));
    }

    /** A port on which nobody listens now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Sets a variable for the commands that follow. */
    KarstInstance with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Starts it and returns when it serves; fails with the end of its log. */
    public void up() throws IOException {
        Result up = karst("up");
        if (up.status() != 0) {
            throw new AssertionError("karst up on " + data + " gave " + up + "\n" + tail(data.resolve("log/karst.log")));
        }
    }

    /**
     * Starts it once more on a folder that was started before, as the script does but for what that prepares and prints; returns
     * when it has played its state.
     */
    public void startAgain() throws IOException {
        Process process = launch();
        for (long waited = 0; !hasStarted(); waited += POLL_MS) {
            if (endsWithin(process, POLL_MS) || waited > LIMIT_S * 1000) {
                throw new AssertionError("the start on " + data + " failed:\n" + tail(data.resolve("log/karst.log")));
            }
        }
    }

    /** Starts it and kills it in the midst of that. */
    void cutStart(long afterMs) throws IOException {
        endsWithin(launch(), afterMs);
        kill();
    }

    private Process launch() throws IOException {
        Files.deleteIfExists(data.resolve("karst.sock"));
        ProcessBuilder builder = new ProcessBuilder(DISTRIBUTION.resolve("bin/karaf").toString())
            .redirectErrorStream(true).redirectOutput(data.resolve("log/start.log").toFile());
        builder.environment().putAll(Map.of(
            "KARAF_BASE", data.toString(), "KARAF_DATA", data.resolve("data").toString(),
            "KARAF_ETC", data.resolve("etc").toString(), "KARAF_LOG", data.resolve("log").toString(),
            "KARAF_OPTS", "-Dkaraf.instances=data/instances -Dkarst.ssh.port=" + shellPort()));
        Process process = builder.start();
        Files.writeString(data.resolve("karst.pid"), Long.toString(process.pid()));
        return process;
    }

    private boolean hasStarted() {
        try {
            return Boolean.TRUE.equals(call("framework_wait_init", Map.of()));
        } catch (IOException e) {
            return false;
        }
    }

    /** Calls a method over the socket; fails unless it succeeds. */
    public Object call(String method, Map<String, Object> parameters) throws IOException {
        try (RpcSocket rpc = new RpcSocket(data.resolve("karst.sock"))) {
            return rpc.call(method, parameters);
        }
    }

    /** What a client of SPDK saves as its configuration. */
    String saveConfig() throws IOException {
        List<Object> subsystems = new ArrayList<>();
        for (Object subsystem : (List<?>) call("framework_get_subsystems", Map.of())) {
            Map<String, Object> section = new LinkedHashMap<>();
            Object name = ((Map<?, ?>) subsystem).get("subsystem");
            section.put("subsystem", name);
            section.put("config", call("framework_get_config", Map.of("name", name)));
            subsystems.add(section);
        }
        return Json.pretty(Map.of("subsystems", subsystems));
    }

    /** Runs a command of the script to its end. */
    public Result karst(String... arguments) throws IOException {
        Path output = Files.createTempFile("karst", ".out");
        try {
            Process process = begin(output, arguments);
            if (!endsWithin(process, LIMIT_S * 1000)) {
                process.destroyForcibly();
                throw new AssertionError(List.of(arguments) + " has not ended after " + LIMIT_S + " s: " + tail(output));
            }
            return new Result(process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }

    /** Calls a method, with parameters as {@code karst rpc} takes them; fails unless it succeeds. */
    public void rpc(String method, String... parameters) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("rpc", method));
        arguments.addAll(List.of(parameters));
        Result result = karst(arguments.toArray(String[]::new));
        if (result.status() != 0) {
            throw new AssertionError(arguments + " gave " + result);
        }
    }

    /** Gives the shell a command; fails unless it succeeds. Its output. */
    public String shell(String command) throws IOException {
        Result result = karst("shell", command);
        if (result.status() != 0) {
            throw new AssertionError(command + " gave " + result);
        }
        return result.output();
    }

    /** Begins a command of the script, both of whose outputs go to a file. */
    Process begin(Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("karst").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    private static boolean endsWithin(Process process, long millis) {
        try {
            return process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends its process at once, as a crash would; returns when the process is gone. */
    public void kill() throws IOException {
        String pid = text("karst.pid");
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid))
            .orElseThrow(() -> new AssertionError("process " + pid + " of " + data + "/karst.pid does not run"));
        process.destroyForcibly();
        try {
            process.onExit().get(KILL_LIMIT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("process " + pid + " survived kill -9", e);
        }
    }

    /** Stops it in good order, if it runs. */
    @Override
    public void close() throws IOException {
        Result down = karst("down");
        if (down.status() != 0) {
            throw new AssertionError("karst down on " + data + " gave " + down);
        }
    }

    /** Whether any process runs on the folder. */
    boolean hasProcess() {
        return hasProcess(data);
    }

    /** Whether any process runs on a folder. */
    static boolean hasProcess(Path data) {
        return ProcessHandle.allProcesses().anyMatch(process -> arguments(process).contains("-Dkaraf.base=" + data));
    }

    private static List<String> arguments(ProcessHandle process) {
        try {
            return List.of(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")).split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The sockets at which others reach the instance's process, as {@link ProcessSockets} shows them. */
    Set<String> sockets() throws IOException {
        return ProcessSockets.of(Long.parseLong(text("karst.pid")));
    }

    /** How the kernel shows the JSON-RPC socket, which is moved once it is made. */
    String rpcSocket() {
        return "unix " + data + "/karst.sock~/s";
    }

    /** Tries to log in to the shell with these arguments of Karaf's client, and to run a command. */
    Result client(String command, String... arguments) throws IOException {
        List<String> whole = new ArrayList<>(List.of(DISTRIBUTION.resolve("bin/client").toString(), "-b", "-a", text("ssh.port")));
        whole.addAll(List.of(arguments));
        Path input = Files.createTempFile("karst", ".in");
        Path output = Files.createTempFile("karst", ".out");
        try {
            Files.writeString(input, command + "\n");
            ProcessBuilder builder = new ProcessBuilder(whole)
                .redirectInput(input.toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(Map.of("KARAF_BASE", data.toString(), "KARAF_DATA", data + "/data",
                "KARAF_ETC", data + "/etc", "KARAF_LOG", data + "/log"));
            Process process = builder.start();
            if (!endsWithin(process, LIMIT_S * 1000)) {
                process.destroyForcibly();
                throw new AssertionError(whole + " has not ended: " + tail(output));
            }
            return new Result(process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(input);
            Files.delete(output);
        }
    }

    int shellPort() throws IOException {
        return Integer.parseInt(text("ssh.port"));
    }

    Path data() {
        return data;
    }

    private String text(String file) throws IOException {
        return Files.readString(data.resolve(file)).strip();
    }

    /** The last lines of a text file, for a message. */
    public static String tail(Path file) {
        try {
            List<String> lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "(" + file + ": " + e.getMessage() + ")";
        }
    }
}
