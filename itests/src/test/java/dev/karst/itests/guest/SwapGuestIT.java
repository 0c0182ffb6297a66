package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Modules and the layers above them are replaced while Linux uses namespaces on a file, in memory, and in memory behind another device. */
class SwapGuestIT extends GuestTest {
    private static final List<String> REPLACED = List.of("malloc", "file", "passthru", "dev.karst.bdev.malloc", "dev.karst.bdev.file",
        "dev.karst.bdev.passthru", "dev.karst.nvmf.tcp", "dev.karst.nvmf", "dev.karst.bdev");
    /** Module swaps for each time that Linux asks. */
    private static final int SWAPS = 10;

    @Test
    void shouldVerifyAllIoOverTheSameConnectionsWhenLayersAreReplaced() throws IOException {
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance("swap", port)) {
            karst.up();
            try (GuestRunner guest = guest("swap", LINUX, 2, "nvme-swap.sh", port, String.join(",", REPLACED))) {
                guest.awaitSuccess(words -> {
                    switch (words.getFirst()) {
                        case "add" -> add(karst, words.get(1), Long.parseLong(words.get(2)));
                        case "replace" -> replace(karst, words.get(1));
                        default -> throw new AssertionError(words);
                    }
                });
            }
        }
    }

    /** Namespace 2 lies in memory, 3 does so behind a passthru device. */
    private static void add(KarstInstance karst, String nsid, long mib) throws IOException {
        boolean isStacked = nsid.equals("3");
        String memory = isStacked ? "below" : "ns" + nsid;
        karst.rpc("bdev_malloc_create", "name=" + memory, "num_blocks=" + mib * 2048, "block_size=512");
        if (isStacked) {
            karst.rpc("bdev_passthru_create", "name=ns" + nsid, "base_bdev_name=" + memory);
        }
        karst.rpc("nvmf_subsystem_add_ns", "nqn=" + NQN, """
            namespace={"nsid": %1$s, "bdev_name": "ns%1$s"}""".formatted(nsid));
    }

    /** A module by its name several times in the planned way; a bundle by its name, as the container does it. */
    private static void replace(KarstInstance karst, String what) throws IOException {
        if (what.startsWith("dev.karst.")) {
            karst.shell("bundle:update " + what);
            return;
        }
        for (int i = 0; i < SWAPS; i++) {
            karst.rpc("karst_module_swap", "name=" + what);
        }
    }
}
