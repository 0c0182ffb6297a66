package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.Reexport;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Thin clones as disks of Linux, while the volume that their snapshot is of, and they themselves, get snapshots, are decoupled and inflated,
 * and the module is replaced in between.
 */
class LvolGuestIT extends GuestTest {
    private static final long MIB = 64;
    private static final List<String> DONE = List.of("snapshot", "dev.karst.bdev.lvol", "decouple", "lvol", "inflate");
    private static final int CLONES = 3;

    @Test
    void shouldVerifyAllIoWhenVolumesChangeBelowAndTheModuleIsReplaced() throws IOException {
        int port = KarstInstance.freePort();
        try (KarstInstance karst = instance("lvol", SavedConfiguration.EMPTY)) {
            karst.up();
            make(karst);
            Reexport.export(karst, NQN, port, List.of("lvs0/c1"));
            try (GuestRunner guest = guest("lvol", LINUX, 2, "nvme-swap.sh", port, String.join(",", DONE))) {
                guest.awaitSuccess(words -> {
                    switch (words.getFirst()) {
                        case "add" -> karst.call("nvmf_subsystem_add_ns", Map.of("nqn", NQN,
                            "namespace", Map.of("nsid", Long.parseLong(words.get(1)), "bdev_name", "lvs0/c" + words.get(1))));
                        case "replace" -> change(karst, words.get(1));
                        default -> throw new AssertionError(words);
                    }
                });
            }
            Map<?, ?> check = (Map<?, ?>) karst.call("karst_lvol_check", Map.of("lvs_name", "lvs0"));
            assertEquals(List.of(), check.get("damage"), check::toString);
        }
    }

    /** Clones that see all of a snapshot. */
    private static void make(KarstInstance karst) throws IOException {
        karst.call("bdev_malloc_create", Map.of("name", "base", "num_blocks", 384L << 11, "block_size", 512L));
        karst.call("bdev_lvol_create_lvstore", Map.of("bdev_name", "base", "lvs_name", "lvs0", "cluster_sz", 256L << 10));
        karst.call("bdev_lvol_create", Map.of("lvs_name", "lvs0", "lvol_name", "golden", "size_in_mib", MIB));
        karst.call("bdev_lvol_snapshot", Map.of("lvol_name", "lvs0/golden", "snapshot_name", "s"));
        for (int i = 1; i <= CLONES; i++) {
            karst.call("bdev_lvol_clone", Map.of("snapshot_name", "lvs0/s", "clone_name", "c" + i));
        }
    }

    private static void change(KarstInstance karst, String what) throws IOException {
        switch (what) {
            case "lvol" -> karst.call("karst_module_swap", Map.of("name", what));
            case "dev.karst.bdev.lvol" -> karst.shell("bundle:update " + what);
            case "snapshot" -> {
                karst.call("bdev_lvol_snapshot", Map.of("lvol_name", "lvs0/golden", "snapshot_name", "s2"));
                changeClones(karst, what);
            }
            default -> changeClones(karst, what);
        }
    }

    /** All that Linux has, in turn. */
    private static void changeClones(KarstInstance karst, String what) throws IOException {
        for (int i = 1; i <= CLONES; i++) {
            String clone = "lvs0/c" + i;
            String own = "own" + i;
            switch (what) {
                case "snapshot" -> karst.call("bdev_lvol_snapshot", Map.of("lvol_name", clone, "snapshot_name", own));
                case "decouple" -> karst.call("bdev_lvol_decouple_parent", Map.of("name", clone));
                case "inflate" -> {
                    karst.call("bdev_lvol_inflate", Map.of("name", clone));
                    karst.call("bdev_lvol_delete", Map.of("name", "lvs0/" + own));
                }
                default -> throw new AssertionError(what);
            }
        }
    }
}
