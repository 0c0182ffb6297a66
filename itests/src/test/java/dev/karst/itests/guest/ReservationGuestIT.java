package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.itests.KarstInstance;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reservations of two hosts, which outlive a target that is killed when that is asked for. */
class ReservationGuestIT extends GuestTest {
    @Test
    void shouldKeepOthersOutWhenOneOfTwoHostsHasReserved() throws IOException {
        String run = "resv";
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance(run, port)) {
            karst.up();
            try (GuestRunner guest = guest(run, LINUX, 1, "nvme-resv.sh", port)) {
                guest.awaitSuccess(words -> {
                    assertEquals(List.of("restart"), words);
                    karst.kill();
                    karst.up();
                });
            }
        }
    }
}
