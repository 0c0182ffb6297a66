package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance.Result;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole file in the form in which SPDK's target saves itself, as {@code etc/karst.json}. */
class SpdkFileIT {
    private static final String NQN = "nqn.2026-11.dev.karst:from-spdk";
    private static final String HOST = "nqn.2026-11.dev.karst:host";
    private static final long AIO_BYTES = 4 << 20;

    @TempDir Path folder;

    private String file(int port) throws IOException {
        try (InputStream in = SpdkFileIT.class.getResourceAsStream("spdk-saved.json")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                .replace("FOLDER", folder.toString()).replace("\"4420\"", "\"" + port + "\"");
        }
    }

    @Test
    void shouldServeAndSayWhatIsLeftOutWhenStartedFromSpdksFile() throws Exception {
        try (RandomAccessFile image = new RandomAccessFile(folder.resolve("aio.img").toFile(), "rw")) {
            image.setLength(AIO_BYTES);
        }
        int port = KarstInstance.freePort();
        try (KarstInstance instance = new KarstInstance(folder.resolve("data"), file(port))) {
            // A start that waited for what is absent would be given up before.
            Files.writeString(instance.data().resolve("etc/dev.karst.config.cfg"), "wait.seconds = 600\n");
            Result up = instance.karst("up");
            assertEquals(0, up.status(), up::toString);
            String leftOut = up.output().lines().filter(line -> line.startsWith("Left out, as nothing here has these methods: "))
                .findFirst().orElseThrow(() -> new AssertionError(up.output()));
            assertTrue(leftOut.contains("accel_set_options") && !leftOut.contains("bdev_nvme_set_options"), leftOut);
            assertFalse(up.output().contains("until the next start"), up::toString);
            Map<?, ?> startup = (Map<?, ?>) instance.call("karst_get_startup", Map.of());
            assertEquals("ready", startup.get("state"), startup::toString);
            assertEquals(Set.of("Malloc0", "Meta0", "Null0", "Aio0", "Pass0"), names(instance));
            assertServed(port);
            // What is absent is not waited for at the next start either.
            instance.call("bdev_null_create", Map.of("name", "Null1", "num_blocks", 64L, "block_size", 512L));
            instance.kill();
            instance.startAgain();
            startup = (Map<?, ?>) instance.call("karst_get_startup", Map.of());
            assertEquals(true, startup.get("saved"));
            assertServed(port);
        }
    }

    private static Set<String> names(KarstInstance instance) throws IOException {
        return ((List<?>) instance.call("bdev_get_bdevs", Map.of())).stream()
            .map(bdev -> (String) ((Map<?, ?>) bdev).get("name")).collect(Collectors.toSet());
    }

    /** Only the host that is named in the file may. */
    private static void assertServed(int port) throws IOException {
        try (
            NvmeTcpHost other = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
            NvmeTcpHost admin = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
            NvmeTcpHost io = new NvmeTcpHost(new SocketWire("127.0.0.1", port))) {
            other.initialize(false, false);
            assertTrue(other.connect(NQN, HOST + "-other", 0, 32).status() != 0);
            admin.initialize(false, false);
            io.initialize(false, false);
            assertEquals(0, admin.connect(NQN, HOST, 0, 32).status());
            admin.enable();
            io.controllerId(admin.controllerId());
            assertEquals(0, io.connect(NQN, HOST, 1, 32).status());
            for (int nsid = 1; nsid <= 4; nsid++) {
                assertEquals(0, io.read(nsid, 0, 1, nsid == 4 ? 4104 : 512).status());
            }
        }
    }
}
