package dev.karst.itests.custom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.karst.itests.KarstInstance;
import dev.karst.itests.SavedConfiguration;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guide says of a module of one's own: made from the archetype, dropped in, used by a host, and there after a restart. */
class CustomBdevIT {
    private static final String NQN = "nqn.2026-11.dev.karst:custom";
    private static final int BLOCK = 512;
    private static final int BLOCKS = 2048;
    /** The folder is looked at every 500 ms; after that a second or two, on a machine that does nothing else. */
    private static final long LIVE_MS = 5_000;

    @TempDir Path folder;
    private final byte[] file = new byte[BLOCK * BLOCKS];
    private HttpServer server;
    private String url;

    @BeforeEach
    void serveFile() throws IOException {
        new Random(1).nextBytes(file);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort() + "/disk";
    }

    private void answer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            exchange.getResponseHeaders().add("Content-Length", Integer.toString(file.length));
            exchange.sendResponseHeaders(200, -1);
        } else {
            String[] ends = range.substring("bytes=".length()).split("-");
            byte[] part = Arrays.copyOfRange(file, Integer.parseInt(ends[0]), Integer.parseInt(ends[1]) + 1);
            exchange.sendResponseHeaders(206, part.length);
            exchange.getResponseBody().write(part);
        }
        exchange.close();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    @Test
    void shouldServeItsDevicesToHostsWhenItIsDroppedInWhileRunning() throws Exception {
        Path jar = new ArchetypeProject(folder.resolve("project")).build();
        int port = KarstInstance.freePort();
        Path data = folder.resolve("data");
        String configuration =
            SavedConfiguration.serving(port, NQN, "bdev_null_create", "\"num_blocks\": 64, \"block_size\": 512");
        try (KarstInstance instance = new KarstInstance(data, configuration)) {
            instance.up();
            long dropped = drop(jar, data);
            while (!methods(instance).contains("bdev_http_create")) {
                assertTrue(System.nanoTime() - dropped < TimeUnit.SECONDS.toNanos(60), "the module does not come");
                TimeUnit.MILLISECONDS.sleep(20);
            }
            long liveMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - dropped);
            System.out.printf("live %d ms after it was dropped in%n", liveMs);
            assertTrue(liveMs < LIVE_MS, () -> "live after " + liveMs + " ms");

            KarstInstance.Result help = instance.karst("shell", "bdev:http-create --help");
            assertTrue(help.status() == 0 && help.output().contains("bdev:http-create [options] NAME URL"), help::toString);
            assertEquals("web0", instance.call("bdev_http_create", Map.of("name", "web0", "url", url)));
            instance.call("nvmf_subsystem_add_ns", Map.of("nqn", NQN, "namespace", Map.of("bdev_name", "web0")));
            assertHostReads(port);

            instance.kill();
            instance.startAgain();
            assertHostReads(port);
        }
    }

    /** Under a name that the folder ignores, and then under its own, so that it is there as a whole. */
    private static long drop(Path jar, Path data) throws IOException {
        Path part = Files.copy(jar, data.resolve("deploy/.http-disk.jar"));
        long now = System.nanoTime();
        Files.move(part, data.resolve("deploy/http-disk.jar"), StandardCopyOption.ATOMIC_MOVE);
        return now;
    }

    private static List<?> methods(KarstInstance instance) throws IOException {
        return (List<?>) instance.call("rpc_get_methods", Map.of());
    }

    private void assertHostReads(int port) throws IOException {
        try (
            NvmeTcpHost admin = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
            NvmeTcpHost io = new NvmeTcpHost(new SocketWire("127.0.0.1", port))) {
            admin.initialize(false, false);
            io.initialize(false, false);
            assertEquals(0, admin.connect(NQN, "nqn.2026-11.dev.karst:h", 0, 32).status());
            admin.enable();
            io.controllerId(admin.controllerId());
            assertEquals(0, io.connect(NQN, "nqn.2026-11.dev.karst:h", 1, 32).status());
            for (int block = 0; block < BLOCKS; block += 8) {
                NvmeTcpHost.Completion read = io.read(2, block, 8, 8 * BLOCK);
                assertEquals(0, read.status());
                assertArrayEquals(Arrays.copyOfRange(file, block * BLOCK, (block + 8) * BLOCK), read.data(), "block " + block);
            }
        }
    }
}
