package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The iSCSI target against the initiator of a Linux kernel. */
class IscsiGuestIT extends GuestTest {
    private static final String IQN = "iqn.2026-11.dev.karst:guest-test";
    private static final long MIB = 1024 * 1024;

    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.12"})
    void shouldVerifyAllIoWhenLinuxLogsIn(String kernel) throws IOException {
        String run = "iscsi-" + kernel;
        int port = KarstInstance.freePort();
        Path data = data(run);
        GuestRunner.delete(data);
        String configuration = SavedConfiguration.servingIscsi(
            port, IQN, "bdev_aio_create", "\"filename\": \"disk0.img\", \"create_size_mib\": 512");
        try (var karst = new KarstInstance(data, configuration)) {
            karst.up();
            try (GuestRunner guest = GuestRunner.start(RUNS.resolve(run), kernel, 1, LIMIT, "iscsi.sh", IQN, Integer.toString(port))) {
                guest.awaitSuccess(words -> {
                    switch (words.getFirst()) {
                        case "resize" -> resize(karst, data.resolve("disk0.img"), Long.parseLong(words.get(1)));
                        case "replace" -> assertEquals(0, karst.karst("shell", "bundle:update dev.karst." + words.get(1)).status());
                        case "restart" -> {
                            karst.kill();
                            karst.up();
                        }
                        default -> throw new AssertionError(words);
                    }
                });
            }
        }
    }

    private static void resize(KarstInstance karst, Path file, long mib) throws IOException {
        try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
            image.setLength(mib * MIB);
        }
        karst.rpc("bdev_aio_rescan", "name=disk0");
    }
}
