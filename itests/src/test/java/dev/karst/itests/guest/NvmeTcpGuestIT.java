package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

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
        try (KarstProcess karst = KarstProcess.in(RUNS.resolve("tcp-data"))) {
            karst.up();
            try (GuestRunner guest = start("tcp", 2, "nvme-tcp.sh", karst)) {
                guest.awaitSuccess();
            }
        }
    }

    @Test
    void shouldKeepAcknowledgedWritesWhenTargetIsKilled() throws IOException {
        try (KarstProcess karst = KarstProcess.in(RUNS.resolve("kill-data"))) {
            karst.up();
            try (GuestRunner guest = start("kill", 1, "nvme-kill.sh", karst)) {
                guest.awaitStep("loaded", BOOT);
                karst.kill();
                karst.up();
                guest.signal("restarted");
                guest.awaitSuccess();
            }
        }
    }

    private static GuestRunner start(String run, int processors, String script, KarstProcess karst) throws IOException {
        return GuestRunner.start(
            RUNS.resolve(run), processors, LIMIT, script, KarstProcess.NQN, Integer.toString(karst.port()));
    }
}
