import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long Karst takes from its start to the first block that a host reads, against how long the same Karaf without any bundle
 * of Karst takes to answer on its shell port. Pairs in turn, so that a machine that slows down slows both.
 *
 * <p>Usage: {@code Startup DISTRIBUTION PAIRS}.
 */
public final class Startup {
    private static final String SUBSYSTEM = "nqn.2026-11.dev.karst:default";
    private static final long TIMEOUT_MS = 60_000;

    private final Path distribution;
    private final Path folder;
    private final boolean bare;
    private final int shellPort = freePort();
    private final int nvmePort = freePort();

    private Startup(Path distribution, Path folder, boolean bare) throws IOException {
        this.distribution = distribution;
        this.folder = folder;
        this.bare = bare;
        Files.createDirectories(folder.resolve("data/tmp"));
        Files.createDirectories(folder.resolve("log"));
        Files.createDirectories(folder.resolve("deploy"));
        copy(distribution.resolve("etc"), folder.resolve("etc"));
        edit("org.apache.karaf.shell.cfg", "(?m)^\\s*sshPort.*$", "sshPort=" + shellPort);
        edit("karst.json", "\"4420\"", "\"" + nvmePort + "\"");
        edit("karst.json", "\"3260\"", "\"0\"");
        if (bare) {
            edit("org.apache.karaf.features.cfg", "karst[a-z-]*/[^,)\\s]*\\s*,?", "");
        }
    }

    public static void main(String[] args) throws Exception {
        Path distribution = Path.of(args[0]).toAbsolutePath();
        int pairs = Integer.parseInt(args[1]);
        Path folder = Files.createTempDirectory("karst-startup");
        try {
            Startup karst = new Startup(distribution, folder.resolve("karst"), false);
            Startup karaf = new Startup(distribution, folder.resolve("karaf"), true);
            System.out.printf("first start: karst %d ms, karaf %d ms%n", karst.run(), karaf.run());
            List<Double> ratios = new ArrayList<>();
            for (int pair = 1; pair <= pairs; pair++) {
                long ours = karst.run();
                long theirs = karaf.run();
                ratios.add((double) ours / theirs);
                System.out.printf("%2d: karst %d ms, karaf %d ms, ratio %.2f%n", pair, ours, theirs, ratios.getLast());
            }
            ratios.sort(Comparator.naturalOrder());
            System.out.printf("ratio: min %.2f, median %.2f, max %.2f of %d pairs%n",
                ratios.getFirst(), ratios.get(pairs / 2), ratios.getLast(), pairs);
        } finally {
            delete(folder);
        }
    }

    /** Starts, waits until it serves, and stops. */
    private long run() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(distribution.resolve("bin/karaf").toString());
        builder.environment().putAll(Map.of(
            "KARAF_BASE", folder.toString(), "KARAF_DATA", folder.resolve("data").toString(),
            "KARAF_ETC", folder.resolve("etc").toString(), "KARAF_LOG", folder.resolve("log").toString(),
            "KARAF_OPTS", "-Dkaraf.instances=data/instances"));
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log/start.log").toFile());
        long start = System.nanoTime();
        Process process = builder.start();
        try {
            while (!(bare ? answers() : serves())) {
                if (System.nanoTime() - start > TIMEOUT_MS * 1_000_000 || !process.isAlive()) {
                    throw new IOException("it does not serve: see " + folder + "/log");
                }
                Thread.sleep(2);
            }
            return (System.nanoTime() - start) / 1_000_000;
        } finally {
            process.destroy();
            process.waitFor(30, TimeUnit.SECONDS);
            process.destroyForcibly();
        }
    }

    /** Whether the shell's port says hello. */
    private boolean answers() {
        try (Socket socket = new Socket("127.0.0.1", shellPort)) {
            return socket.getInputStream().read() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether a host can connect and read a block. */
    private boolean serves() {
        try (NvmeTcpHost admin = host(); NvmeTcpHost io = host()) {
            if (admin.connect(SUBSYSTEM, "nqn.2026-11.dev.karst:bench", 0, 32).status() != 0) {
                return false;
            }
            admin.enable();
            io.controllerId(admin.controllerId());
            return io.connect(SUBSYSTEM, "nqn.2026-11.dev.karst:bench", 1, 32).status() == 0
                && io.read(1, 0, 8, 4096).status() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private NvmeTcpHost host() throws IOException {
        NvmeTcpHost host = new NvmeTcpHost(new SocketWire("127.0.0.1", nvmePort));
        host.initialize(false, false);
        return host;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void edit(String file, String pattern, String with) throws IOException {
        Path path = folder.resolve("etc").resolve(file);
        Files.writeString(path, Files.readString(path).replaceAll(pattern, with));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
