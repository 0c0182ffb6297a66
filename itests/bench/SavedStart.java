import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Starts Karst on two folders in turn and prints how long it takes until the saved state of each has been played: {@code SavedStart
 * DISTRIBUTION PAIRS FULL EMPTY}.
 */
public final class SavedStart {
    private static final long TIMEOUT_S = 120;
    private static final String WAIT = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"framework_wait_init\"}";

    private SavedStart() {}

    public static void main(String[] args) throws Exception {
        Path distribution = Path.of(args[0]).toAbsolutePath();
        int pairs = Integer.parseInt(args[1]);
        List<Long> more = new ArrayList<>();
        for (int pair = 1; pair <= pairs; pair++) {
            long full = run(distribution, Path.of(args[2]));
            long empty = run(distribution, Path.of(args[3]));
            more.add(full - empty);
            System.out.printf("%2d: full %d ms, empty %d ms, more %d ms%n", pair, full, empty, full - empty);
        }
        more.sort(null);
        System.out.printf("more: min %d, median %d, max %d ms of %d pairs%n", more.getFirst(), more.get(pairs / 2), more.getLast(), pairs);
    }

    private static long run(Path distribution, Path folder) throws Exception {
        Path socket = folder.resolve("karst.sock");
        Files.deleteIfExists(socket);
        ProcessBuilder builder = new ProcessBuilder(distribution.resolve("bin/karaf").toString());
        builder.environment().putAll(Map.of(
            "KARAF_BASE", folder.toString(), "KARAF_DATA", folder.resolve("data").toString(),
            "KARAF_ETC", folder.resolve("etc").toString(), "KARAF_LOG", folder.resolve("log").toString(),
            "KARAF_OPTS", "-Dkaraf.instances=data/instances -Dkarst.ssh.port=" + Files.readString(folder.resolve("ssh.port")).strip()));
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log/start.log").toFile());
        long start = System.nanoTime();
        Process process = builder.start();
        try {
            while (!hasStarted(socket)) {
                if (System.nanoTime() - start > TIMEOUT_S * 1_000_000_000 || !process.isAlive()) {
                    throw new IOException("it does not start: see " + folder + "/log");
                }
                Thread.sleep(2);
            }
            return (System.nanoTime() - start) / 1_000_000;
        } finally {
            process.destroy();
            process.waitFor(60, TimeUnit.SECONDS);
            process.destroyForcibly();
        }
    }

    private static boolean hasStarted(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(WAIT.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(1024);
            return channel.read(answer) > 0
                && new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII).contains("\"result\"");
        } catch (IOException e) {
            return false;
        }
    }
}
