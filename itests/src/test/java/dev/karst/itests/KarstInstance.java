package dev.karst.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An instance in a folder of its own, driven from outside by the karst script. */
final class KarstInstance implements AutoCloseable {
    private static final Path ROOT = Path.of(System.getProperty("karst.root"));
    private static final long LIMIT_S = 180;
    private static final Pattern LISTENER =
        Pattern.compile(" *\\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]+ 0A(?: \\S+){3} +\\d+ +\\d+ +(\\d+) .*");

    private final Path data;

    /** What a command gave: its exit status and both its outputs. */
    record Result(int status, String output) {}

    /** An instance whose first start plays this configuration. */
    KarstInstance(Path data, String configuration) throws IOException {
        this.data = data;
        Files.createDirectories(data.resolve("etc"));
        Files.writeString(data.resolve("etc/karst.json"), configuration);
    }

    Result karst(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("karst").toString()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("karst", ".out");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("KARST_DATA", data.toString());
        builder.environment().put("KARST_HOME", ROOT.resolve("karaf-distribution/target/assembly").toString());
        Process process = builder.start();
        process.getOutputStream().close();
        await(process, command);
        String text = Files.readString(output);
        Files.delete(output);
        return new Result(process.exitValue(), text);
    }

    private static void await(Process process, List<String> command) {
        try {
            if (process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new AssertionError(command + " has not ended after " + LIMIT_S + " s");
    }

    /** TCP ports on which the instance's process listens. */
    Set<Integer> listeningPorts() throws IOException {
        Set<String> own = openSockets();
        Set<Integer> ports = new HashSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                Matcher listener = LISTENER.matcher(line);
                if (listener.matches() && own.contains("socket:[" + listener.group(2) + "]")) {
                    ports.add(Integer.parseInt(listener.group(1), 16));
                }
            }
        }
        return ports;
    }

    private Set<String> openSockets() throws IOException {
        Set<String> sockets = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", text("karst.pid"), "fd"))) {
            for (Path descriptor : descriptors.filter(Files::isSymbolicLink).toList()) {
                sockets.add(Files.readSymbolicLink(descriptor).toString());
            }
        }
        return sockets;
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

    @Override
    public void close() throws IOException {
        karst("down");
    }
}
