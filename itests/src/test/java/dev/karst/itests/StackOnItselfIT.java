package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An instance has the disks of another one, by its initiator, and exports them again: each I/O of the host goes twice through the target
 * and once through the driver. All that it goes through is replaced meanwhile, piece by piece: the host sees pauses and nothing else.
 */
class StackOnItselfIT {
    private static final String BELOW = "nqn.2026-11.dev.karst:below";
    private static final String ABOVE = "nqn.2026-11.dev.karst:above";
    private static final int DISKS = 3;
    private static final List<String> TARGET = List.of("dev.karst.nvmf", "dev.karst.nvmf.tcp");
    private static final List<String> INITIATOR = List.of("dev.karst.nvme", "dev.karst.nvme.tcp", "dev.karst.bdev.nvme");
    /** Of an I/O, on a machine that does other things too; devices are given up after so long. */
    private static final long LONGEST_PAUSE_MS = 10_000;

    @TempDir private Path folder;
    private VerifiedLoad load;

    @Test
    void shouldOnlyPauseWhenThePartsOfAStackOnItselfAreReplaced() throws Exception {
        int under = KarstInstance.freePort();
        int over = KarstInstance.freePort();
        String configuration = SavedConfiguration.serving(under, BELOW, "bdev_malloc_create", "\"num_blocks\": 2048, \"block_size\": 512");
        try (KarstInstance below = new KarstInstance(folder.resolve("below"), configuration);
            KarstInstance above = new KarstInstance(folder.resolve("above"), SavedConfiguration.EMPTY)) {
            below.up();
            above.up();
            stack(below, above, under, over);
            load = new VerifiedLoad(over, ABOVE, DISKS);
            load.takeLongestMs();
            replace(INITIATOR, above, "above");
            replace(TARGET, above, "above");
            replace(TARGET, below, "below");
            Map<?, ?> swap = (Map<?, ?>) above.call("karst_module_swap", Map.of("name", "nvme"));
            assertEquals("swapped", swap.get("outcome"), swap::toString);
            assertPause("planned swap of nvme");
            System.out.println("on itself: I/Os " + load.done());
            load.close();
        }
    }

    private static void stack(KarstInstance below, KarstInstance above, int under, int over) throws IOException {
        below.call("bdev_aio_create", Map.of("name", "f", "filename", "f.img", "create_size_mib", 1L));
        below.call("bdev_malloc_create", Map.of("name", "m", "num_blocks", 2048L, "block_size", 512L));
        for (String bdev : List.of("f", "m")) {
            below.call("nvmf_subsystem_add_ns", Map.of("nqn", BELOW, "namespace", Map.of("bdev_name", bdev)));
        }
        List<?> devices = Reexport.attach(above, "Self", BELOW, under);
        assertEquals(DISKS, devices.size());
        Reexport.export(above, ABOVE, over, devices);
    }

    private void replace(List<String> bundles, KarstInstance instance, String where) throws IOException, InterruptedException {
        for (String bundle : bundles) {
            instance.shell("bundle:update " + bundle);
            assertPause("update of " + bundle + " " + where);
        }
    }

    private void assertPause(String what) throws InterruptedException {
        long pause = load.takeLongestMs();
        System.out.println("on itself: longest pause of the host, " + what + ": " + pause + " ms");
        assertTrue(pause < LONGEST_PAUSE_MS, what + ": " + pause + " ms");
    }
}
