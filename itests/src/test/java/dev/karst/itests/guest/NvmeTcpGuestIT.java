package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.itests.KarstInstance;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The NVMe/TCP target against the initiator of a Linux kernel: I/O, and a target that dies. */
class NvmeTcpGuestIT extends GuestTest {
    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.12"})
    void shouldVerifyAllIoWhenLinuxConnects(String kernel) throws IOException {
        String run = "tcp-" + kernel;
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance(run, port)) {
            karst.up();
            try (GuestRunner guest = guest(run, kernel, 2, "nvme-tcp.sh", port)) {
                guest.awaitSuccess();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.12"})
    void shouldKeepAcknowledgedWritesWhenTargetIsKilled(String kernel) throws IOException {
        String run = "kill-" + kernel;
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance(run, port)) {
            karst.up();
            try (GuestRunner guest = guest(run, kernel, 1, "nvme-kill.sh", port)) {
                guest.awaitSuccess(words -> {
                    assertEquals(List.of("restart"), words);
                    karst.kill();
                    karst.up();
                });
            }
        }
    }
}
