package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.Reexport;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Thin clones as disks of Linux, while the volume that their snapshot is of, and they themselves, get snapshots, are decoupled and inflated,
 * and the module is replaced in between. A thin and a thick volume whose device fails to flush.
 */
class LvolGuestIT extends GuestTest {
    private static final long MIB = 64;
    private static final List<String> DONE = List.of("snapshot", "dev.karst.bdev.lvol", "decouple", "lvol", "inflate");
    private static final int CLONES = 3;
    /** What the store's own device is exported as. */
    private static final String DEVICE = "nqn.2026-11.dev.karst:device";
    private static final String CONTROLLER = "nvme0";
    private static final List<String> VOLUMES = List.of("lvs0/thin", "lvs0/thick");
    private static final int POLL_MS = 50;
    private static final long PATIENCE_MS = 60_000;

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
            check(karst);
        }
    }

    /** The store stands on what the instance itself exports, through its initiator, which can have commands fail. */
    @Test
    void shouldTellLinuxOnceAndKeepWhatWasFlushedWhenFlushesFail() throws IOException {
        int port = KarstInstance.freePort();
        String disk = "\"filename\": \"disk0.img\", \"create_size_mib\": 256";
        // Not that of disk0, beside which it is to be.
        String namespace = ", \"uuid\": \"6b617273-7400-4000-8000-000000000029\"";
        String configuration = SavedConfiguration.serving(port, DEVICE, "bdev_aio_create", disk, namespace);
        try (KarstInstance karst = instance("lvol-flush", configuration)) {
            karst.up();
            try {
                makeOn(karst, Reexport.attach(karst, CONTROLLER, DEVICE, port).getFirst());
                Reexport.exportBeside(karst, NQN, port, VOLUMES);
                try (GuestRunner guest = guest("lvol-flush", LINUX, 2, "nvme-flush.sh", port)) {
                    guest.awaitSuccess(words -> disturb(karst, words.getFirst(), port));
                }
                check(karst);
            } finally {
                // What it stands on is not there any more when it stops.
                karst.call("bdev_nvme_detach_controller", Map.of("name", CONTROLLER));
            }
        }
    }

    private static void makeOn(KarstInstance karst, Object device) throws IOException {
        karst.call("bdev_lvol_create_lvstore", Map.of("bdev_name", device, "lvs_name", "lvs0", "cluster_sz", 256L << 10));
        for (String name : List.of("thin", "thick")) {
            karst.call("bdev_lvol_create", Map.of(
                "lvs_name", "lvs0", "lvol_name", name, "size_in_mib", MIB, "thin_provision", name.equals("thin")));
        }
    }

    private static void disturb(KarstInstance karst, String how, int port) throws IOException {
        switch (how) {
            case "fail" -> failFlushes(karst, Integer.MAX_VALUE);
            case "work" -> {
                assertTrue(failure(karst).contains("a commit of store lvs0 failed"), failure(karst));
                karst.call("bdev_nvme_remove_error_injection", Map.of("name", CONTROLLER, "cmd_type", "io", "opc", 0L));
                awaitHealed(karst);
            }
            case "change" -> changeInVain(karst);
            case "reload" -> reload(karst, port);
            default -> throw new AssertionError(how);
        }
    }

    /** So many of the next ones, as a medium that could not be written. */
    private static void failFlushes(KarstInstance karst, long count) throws IOException {
        karst.call("bdev_nvme_add_error_injection",
            Map.of("name", CONTROLLER, "cmd_type", "io", "opc", 0L, "err_count", count, "sct", 2L, "sc", 0x80L));
    }

    /** Why the store takes no changes; nothing if it does. */
    private static String failure(KarstInstance karst) throws IOException {
        Map<?, ?> store = (Map<?, ?>) ((List<?>) karst.call("bdev_lvol_get_lvstores", Map.of())).getFirst();
        return Objects.toString(store.get("failure"), "");
    }

    private static void awaitHealed(KarstInstance karst) throws IOException {
        for (long waited = 0; !failure(karst).isEmpty(); waited += POLL_MS) {
            assertTrue(waited < PATIENCE_MS, failure(karst));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MS));
        }
        check(karst);
    }

    /** The flush of that change fails, and no other one. */
    private static void changeInVain(KarstInstance karst) throws IOException {
        Map<String, Object> snapshot = Map.of("lvol_name", "lvs0/thin", "snapshot_name", "s");
        failFlushes(karst, 1);
        AssertionError error = assertThrows(AssertionError.class, () -> karst.call("bdev_lvol_snapshot", snapshot));
        assertTrue(error.getMessage().contains("Input/output error"), error::getMessage);
        awaitHealed(karst);
        karst.call("bdev_lvol_snapshot", snapshot);
    }

    /** The namespaces of devices that go do not come back by themselves. */
    private static void reload(KarstInstance karst, int port) throws IOException {
        karst.call("bdev_nvme_detach_controller", Map.of("name", CONTROLLER));
        assertEquals(List.of(), karst.call("bdev_lvol_get_lvstores", Map.of()));
        Reexport.attach(karst, CONTROLLER, DEVICE, port);
        for (String volume : VOLUMES) {
            karst.call("bdev_get_bdevs", Map.of("name", volume, "timeout", PATIENCE_MS));
        }
        check(karst);
        Reexport.add(karst, NQN, VOLUMES);
    }

    private static void check(KarstInstance karst) throws IOException {
        Map<?, ?> check = (Map<?, ?>) karst.call("karst_lvol_check", Map.of("lvs_name", "lvs0"));
        assertEquals(List.of(), check.get("damage"), check::toString);
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
