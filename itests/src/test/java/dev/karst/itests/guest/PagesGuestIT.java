package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Everything that nvme-cli can ask of an I/O and of a discovery controller. */
class PagesGuestIT extends GuestTest {
    @Test
    void shouldAnswerOrRefuseWhenNvmeCliAsksForEveryPage() throws IOException {
        String run = "pages";
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance(run, port)) {
            karst.up();
            try (GuestRunner guest = guest(run, LINUX, 1, "nvme-pages.sh", port)) {
                guest.awaitSuccess();
            }
        }
    }
}
