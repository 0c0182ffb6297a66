package dev.karst.itests.lvol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.Reexport;
import dev.karst.itests.SavedConfiguration;
import dev.karst.itests.VerifiedLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The module of logical volumes is replaced while a host writes and reads two of them, and these get snapshots, and stand on their own
 * again: the host sees pauses, whoever makes changes is asked to try again, and nothing else.
 */
class LvolSwapIT {
    private static final String NQN = "nqn.2026-11.dev.karst:lvol-swapped";
    private static final String STORE = "lvs0";
    private static final List<String> VOLUMES = List.of("thick", "thin");
    private static final int SWAPS = Integer.getInteger("karst.lvol.swaps", 5);
    /** As long as a bundle may take that is updated; hosts have far more patience. */
    private static final long LONGEST_PAUSE_MS = 3_000;
    /** EAGAIN, and that there is no such method. */
    private static final List<String> AWAY = List.of("code=-11,", "code=-32601,");
    private static final long AGAIN_MS = 20;
    private static final long LIMIT_MS = 20_000;

    @TempDir Path folder;

    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private KarstInstance instance;
    private volatile boolean ending;

    private void make(int port) throws IOException {
        instance.call("bdev_aio_create", Map.of("name", "base", "filename", "f.img", "create_size_mib", 256L));
        instance.call("bdev_lvol_create_lvstore", Map.of("bdev_name", "base", "lvs_name", STORE, "cluster_sz", 32L << 10));
        for (String volume : VOLUMES) {
            instance.call("bdev_lvol_create", Map.of("lvs_name", STORE, "lvol_name", volume, "size_in_mib", 8L,
                "thin_provision", volume.equals("thin")));
        }
        Reexport.export(instance, NQN, port, VOLUMES.stream().map(volume -> STORE + "/" + volume).toList());
    }

    @Test
    void shouldPauseOnlyWhenModuleIsReplacedWhileVolumesAreChanged() throws Exception {
        int port = KarstInstance.freePort();
        try (KarstInstance made = new KarstInstance(folder.resolve("data"), SavedConfiguration.EMPTY)) {
            instance = made;
            instance.up();
            make(port);
            List<?> saved = saved();
            List<Long> pauses = new ArrayList<>();
            try (VerifiedLoad load = new VerifiedLoad(port, NQN, VOLUMES.size())) {
                load.takeLongestMs();
                CompletableFuture<Throwable> changing =
                    CompletableFuture.supplyAsync(this::change, task -> new Thread(task, "lvol-changes").start());
                for (int i = 0; i < SWAPS; i++) {
                    swap(i);
                    pauses.add(load.takeLongestMs());
                    assertNull(changing.getNow(null));
                }
                ending = true;
                assertNull(changing.get(60, TimeUnit.SECONDS));
                pauses.sort(null);
                System.out.printf("lvol swap: %d swaps, I/Os %s, %d changes, %d asked to try again, pauses of the host: median %d ms, longest %d ms%n",
                    SWAPS, load.done(), changes.get(), refused.get(), pauses.get(SWAPS / 2), pauses.getLast());
            }
            assertTrue(changes.get() > 3 * SWAPS, changes + " changes are too few to tell");
            assertTrue(pauses.getLast() < LONGEST_PAUSE_MS, pauses + " ms");
            checkVolumes();
            assertEquals(saved, saved());
            instance.close();
            instance.up();
            checkVolumes();
            assertEquals(saved, saved());
            new VerifiedLoad(port, NQN, VOLUMES.size()).close();
        }
    }

    /** In turn as planned, and as the container does it. */
    private void swap(int i) throws Exception {
        Object before = lastSwap().get("id");
        if (i % 2 == 0) {
            instance.call("karst_module_swap", Map.of("name", "lvol"));
        } else {
            instance.shell("bundle:update dev.karst.bdev.lvol");
        }
        Map<?, ?> swap = lastSwap();
        for (long waited = 0; Objects.equals(swap.get("id"), before) || "running".equals(swap.get("outcome")); waited += AGAIN_MS) {
            assertTrue(waited < LIMIT_MS, "the swap has not ended: " + swap);
            TimeUnit.MILLISECONDS.sleep(AGAIN_MS);
            swap = lastSwap();
        }
        assertEquals("swapped", swap.get("outcome"), swap::toString);
    }

    private Map<?, ?> lastSwap() throws IOException {
        List<?> swaps = (List<?>) instance.call("karst_get_swaps", Map.of());
        return swaps.isEmpty() ? Map.of() : (Map<?, ?>) swaps.getLast();
    }

    private List<?> saved() throws IOException {
        return List.of(instance.call("framework_get_config", Map.of("name", "bdev")),
            instance.call("framework_get_config", Map.of("name", "nvmf")));
    }

    /** Each volume under load gets a snapshot, and is then made to stand on its own; the snapshot goes. */
    private Throwable change() {
        try {
            for (int i = 0; !ending; i++) {
                String volume = STORE + "/" + VOLUMES.get(i % 2);
                again("bdev_lvol_snapshot", Map.of("lvol_name", volume, "snapshot_name", "s" + i));
                again(i % 4 < 2 ? "bdev_lvol_inflate" : "bdev_lvol_decouple_parent", Map.of("name", volume));
                again("bdev_lvol_delete", Map.of("name", STORE + "/s" + i));
            }
            again("bdev_lvol_snapshot", Map.of("lvol_name", STORE + "/thin", "snapshot_name", "last"));
            return null;
        } catch (Exception | AssertionError e) {
            return e;
        }
    }

    /** Makes a change, again while the module is away or goes: then it was not made. */
    private void again(String method, Map<String, Object> parameters) throws Exception {
        for (long waited = 0; true; waited += AGAIN_MS) {
            try {
                instance.call(method, parameters);
                changes.incrementAndGet();
                return;
            } catch (AssertionError e) {
                refused.incrementAndGet();
                if (waited > LIMIT_MS || AWAY.stream().noneMatch(e.getMessage()::contains)) {
                    throw new AssertionError(method + parameters + ": " + e.getMessage(), e);
                }
                TimeUnit.MILLISECONDS.sleep(AGAIN_MS);
            }
        }
    }

    /** Each volume is a block device, nothing else says that it is one, and the store is whole. */
    @SuppressWarnings("unchecked")
    private void checkVolumes() throws IOException {
        Map<String, Object> volumes = new TreeMap<>();
        for (Map<String, Object> volume : (List<Map<String, Object>>) instance.call("bdev_lvol_get_lvols", Map.of())) {
            volumes.put((String) volume.get("alias"), volume.get("uuid"));
        }
        Map<String, Object> devices = new TreeMap<>();
        for (Map<String, Object> bdev : (List<Map<String, Object>>) instance.call("bdev_get_bdevs", Map.of())) {
            if (bdev.get("product_name").equals("Logical Volume")) {
                devices.put((String) ((List<?>) bdev.get("aliases")).getFirst(), bdev.get("uuid"));
            }
        }
        assertEquals(List.of(STORE + "/last", STORE + "/thick", STORE + "/thin"), List.copyOf(volumes.keySet()));
        assertEquals(volumes, devices);
        Map<?, ?> check = (Map<?, ?>) instance.call("karst_lvol_check", Map.of("lvs_name", STORE));
        assertEquals(List.of(), check.get("damage"), check::toString);
    }
}
