package ${package};

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.RealStage;
import dev.karst.env.Region;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a web server of the JDK that has one file, each block full of its number. */
class HttpModuleTest {
    private static final int BLOCK = 512;
    private static final int BLOCKS = 64;

    private final byte[] file = new byte[BLOCK * BLOCKS];
    private HttpServer server;
    private String url;

    @BeforeEach
    void start() throws Exception {
        for (int block = 0; block < BLOCKS; block++) {
            Arrays.fill(file, block * BLOCK, (block + 1) * BLOCK, (byte) block);
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/disk", exchange -> {
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
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void shouldReadWhatTheServerHas() throws Exception {
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new HttpModule());
            stage.call("bdev_http_create", "name", "web0", "url", url + "/disk");
            OpenBdev disk = stage.open("web0", real.reactor());
            Region memory = stage.environment().memory().allocate("test", BLOCK);
            for (int block : new int[] {0, 7, BLOCKS - 1}) {
                assertEquals(Status.OK, disk.move(IoType.READ, block, 1, memory));
                assertEquals(block, Mem.getByte(memory.address() + BLOCK - 1));
            }
            disk.close();
            stage.call("bdev_http_delete", "name", "web0");
        }
    }

    @Test
    void shouldRefuseWhenTheServerHasNoSuchFile() throws Exception {
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new HttpModule());
            StorageException refusal = assertThrows(StorageException.class,
                () -> stage.call("bdev_http_create", "name", "web0", "url", url + "/other"));
            assertEquals(-5, refusal.code());
        }
    }
}
