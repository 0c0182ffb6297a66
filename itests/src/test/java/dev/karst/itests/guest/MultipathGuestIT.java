package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linux's native multipath over two listeners, whose ANA states change under verified I/O. */
class MultipathGuestIT extends GuestTest {
    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.12"})
    void shouldVerifyAllIoWhenPathsChangeTheirStates(String kernel) throws IOException {
        String run = "multipath-" + kernel;
        int first = KarstInstance.freePort();
        int second = KarstInstance.freePort();
        try (KarstInstance karst = instance(run, first)) {
            karst.up();
            listener(karst, "nvmf_subsystem_add_listener", second);
            try (GuestRunner guest = guest(run, kernel, 1, "nvme-multipath.sh", first, second)) {
                guest.awaitSuccess(words -> {
                    int port = Integer.parseInt(words.get(1));
                    switch (words.getFirst()) {
                        case "ana" -> listener(karst, "nvmf_subsystem_listener_set_ana_state", port, "ana_state=" + words.get(2));
                        case "unlisten" -> listener(karst, "nvmf_subsystem_remove_listener", port);
                        case "listen" -> listener(karst, "nvmf_subsystem_add_listener", port);
                        default -> throw new AssertionError(words);
                    }
                });
            }
        }
    }

    private static void listener(KarstInstance karst, String method, int port, String... more) throws IOException {
        String address = """
            {"trtype": "TCP", "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "%d"}""".formatted(port);
        String[] parameters = new String[2 + more.length];
        parameters[0] = "nqn=" + NQN;
        parameters[1] = "listen_address=" + address;
        System.arraycopy(more, 0, parameters, 2, more.length);
        karst.rpc(method, parameters);
    }
}
