package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.Reexport;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Linux uses the disks of one instance through another one, whose driver, initiator and target are replaced meanwhile. New disks are told
 * upwards by events.
 */
class StackGuestIT extends GuestTest {
    static final String BELOW = "nqn.2026-11.dev.karst:below";
    private static final List<String> REPLACED = List.of("dev.karst.nvme", "dev.karst.nvme.tcp", "dev.karst.bdev.nvme",
        "dev.karst.nvmf", "dev.karst.nvmf.tcp");
    private static final int PATIENCE_MS = 20_000;

    @Test
    void shouldVerifyAllIoOverTheSameConnectionWhenTheStackIsOnItself() throws IOException {
        int under = KarstInstance.freePort();
        int over = KarstInstance.freePort();
        String configuration = SavedConfiguration.serving(under, BELOW, "bdev_malloc_create", "\"num_blocks\": 131072, \"block_size\": 512");
        try (KarstInstance below = instance("stack-below", configuration);
            KarstInstance above = instance("stack-above", SavedConfiguration.EMPTY)) {
            below.up();
            above.up();
            Reexport.export(above, NQN, over, Reexport.attach(above, "Below", BELOW, under));
            try (GuestRunner guest = guest("stack", LINUX, 2, "nvme-swap.sh", over, String.join(",", REPLACED))) {
                guest.awaitSuccess(words -> {
                    switch (words.getFirst()) {
                        case "add" -> add(below, above, Long.parseLong(words.get(1)), Long.parseLong(words.get(2)));
                        case "replace" -> above.shell("bundle:update " + words.get(1));
                        default -> throw new AssertionError(words);
                    }
                });
            }
        }
    }

    private static void add(KarstInstance below, KarstInstance above, long nsid, long mib) throws IOException {
        String device = addBelow(below, above, nsid, mib);
        above.call("nvmf_subsystem_add_ns", Map.of("nqn", NQN, "namespace", Map.of("nsid", nsid, "bdev_name", device)));
    }

    /** A new namespace of the instance below; gives the device that it becomes above. */
    static String addBelow(KarstInstance below, KarstInstance above, long nsid, long mib) throws IOException {
        below.call("bdev_malloc_create", Map.of("name", "ns" + nsid, "num_blocks", mib * 2048, "block_size", 512L));
        below.call("nvmf_subsystem_add_ns", Map.of("nqn", BELOW, "namespace", Map.of("nsid", nsid, "bdev_name", "ns" + nsid)));
        String device = "Belown" + nsid;
        for (int waited = 0; !above.call("bdev_get_bdevs", Map.of()).toString().contains("name=" + device + ","); waited += 50) {
            assertTrue(waited < PATIENCE_MS, "no device " + device);
            try {
                TimeUnit.MILLISECONDS.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
        return device;
    }
}
