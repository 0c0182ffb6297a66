package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The iSCSI target against the initiator of a Linux kernel. */
class IscsiGuestIT extends GuestTest {
    private static final String IQN = "iqn.2026-11.dev.karst:guest-test";

    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.12"})
    void shouldVerifyAllIoWhenLinuxLogsIn(String kernel) throws IOException {
        String run = "iscsi-" + kernel;
        int port = KarstInstance.freePort();
        String configuration = SavedConfiguration.servingIscsi(
            port, IQN, "bdev_aio_create", "\"filename\": \"disk0.img\", \"create_size_mib\": 512");
        try (var karst = instance(run, configuration)) {
            karst.up();
            try (GuestRunner guest = GuestRunner.start(RUNS.resolve(run), kernel, 1, LIMIT, "iscsi.sh", IQN, Integer.toString(port))) {
                guest.awaitSuccess(words -> {
                    switch (words.getFirst()) {
                        case "resize" -> resize(karst, "disk0", data(run).resolve("disk0.img"), words.get(1));
                        case "replace" -> karst.shell("bundle:update dev.karst." + words.get(1));
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
}
