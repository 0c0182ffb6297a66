package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The NVMe/TCP target against the initiator of a Linux kernel. Skipped with the reason where no guest can run, except
 * in continuous integration. What each run leaves is in {@code target/guest}.
 */
class NvmeTcpGuestIT {
    private static final String NQN = "nqn.2026-11.dev.karst:guest-test";
    private static final Path RUNS = Path.of(System.getProperty("karst.root"), "itests", "target", "guest");
    private static final Duration BOOT = Duration.ofMinutes(3);
    private static final Duration LIMIT = Duration.ofMinutes(10);

    @BeforeAll
    static void needsAGuest() {
        GuestRunner.missing().ifPresent(reason -> {
            if (GuestRunner.inContinuousIntegration()) {
                fail(reason);
            }
            abort(reason);
        });
    }

    @Test
    void shouldVerifyAllIoWhenLinuxConnects() throws IOException {
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance("tcp-data", port)) {
            karst.up();
            try (GuestRunner guest = start("tcp", 2, "nvme-tcp.sh", port)) {
                guest.awaitSuccess();
            }
        }
    }

    @Test
    void shouldKeepAcknowledgedWritesWhenTargetIsKilled() throws IOException {
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance("kill-data", port)) {
            karst.up();
            try (GuestRunner guest = start("kill", 1, "nvme-kill.sh", port)) {
                guest.awaitStep("loaded", BOOT);
                karst.kill();
                karst.up();
                guest.signal("restarted");
                guest.awaitSuccess();
            }
        }
    }

    /** An instance on an emptied folder, with a file as the namespace. */
    private static KarstInstance instance(String folder, int port) throws IOException {
        Path data = RUNS.resolve(folder);
        GuestRunner.delete(data);
        return new KarstInstance(data, SavedConfiguration.serving(
            port, NQN, "bdev_aio_create", "\"filename\": \"disk0.img\", \"create_size_mib\": 256"));
    }

    private static GuestRunner start(String run, int processors, String script, int port) throws IOException {
        return GuestRunner.start(RUNS.resolve(run), processors, LIMIT, script, NQN, Integer.toString(port));
    }
}
