package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Namespaces that are added, resized and removed while Linux uses another one of the subsystem. */
class LiveNamespacesGuestIT extends GuestTest {
    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.12"})
    void shouldVerifyAllIoWhenOtherNamespacesComeAndGo(String kernel) throws IOException {
        String run = "live-" + kernel;
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance(run, port)) {
            karst.up();
            try (GuestRunner guest = guest(run, kernel, 1, "nvme-live.sh", port)) {
                guest.awaitSuccess(words -> {
                    String nsid = words.get(1);
                    Path file = data(run).resolve("ns" + nsid + ".img");
                    switch (words.getFirst()) {
                        case "add" -> add(karst, nsid, file, words.get(2));
                        case "resize" -> resize(karst, "ns" + nsid, file, words.get(2));
                        case "remove" -> remove(karst, nsid, file);
                        default -> throw new AssertionError(words);
                    }
                });
            }
        }
    }

    private static void add(KarstInstance karst, String nsid, Path file, String mib) throws IOException {
        karst.rpc("bdev_aio_create", "name=ns" + nsid, "filename=" + file, "create_size_mib=" + mib);
        karst.rpc("nvmf_subsystem_add_ns", "nqn=" + NQN, """
            namespace={"nsid": %1$s, "bdev_name": "ns%1$s"}""".formatted(nsid));
    }

    private static void remove(KarstInstance karst, String nsid, Path file) throws IOException {
        karst.rpc("nvmf_subsystem_remove_ns", "nqn=" + NQN, "nsid=" + nsid);
        karst.rpc("bdev_aio_delete", "name=ns" + nsid);
        Files.delete(file);
    }
}
