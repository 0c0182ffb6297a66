package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.Reexport;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Linux uses by iSCSI what an instance has of another one by NVMe/TCP; each layer between the initiator and the memory is replaced
 * meanwhile. LUNs are added by declaring them.
 */
class IscsiStackGuestIT extends GuestTest {
    private static final String IQN = "iqn.2026-11.dev.karst:guest-test";
    private static final List<String> REPLACED = List.of("below/bdev.malloc", "below/nvmf.tcp", "below/nvmf", "above/nvme.tcp", "above/nvme",
        "above/bdev.nvme", "above/scsi", "above/iscsi");

    @Test
    void shouldVerifyAllIoWhenEachLayerUnderAnIscsiTargetIsReplaced() throws IOException {
        int under = KarstInstance.freePort();
        int over = KarstInstance.freePort();
        String configuration = SavedConfiguration.serving(under, StackGuestIT.BELOW, "bdev_malloc_create", "\"num_blocks\": 131072, \"block_size\": 512");
        try (KarstInstance below = instance("iscsi-stack-below", configuration);
            KarstInstance above = instance("iscsi-stack-above", SavedConfiguration.EMPTY)) {
            below.up();
            above.up();
            Reexport.attach(above, "Below", StackGuestIT.BELOW, under);
            serve(above, over, 1);
            var job = RUNS.resolve("iscsi-stack");
            try (GuestRunner guest = GuestRunner.start(job, LINUX, 2, LIMIT, "iscsi-swap.sh", IQN, Integer.toString(over),
                String.join(",", REPLACED))) {
                guest.awaitSuccess(words -> {
                    switch (words.getFirst()) {
                        case "add" -> {
                            long lun = Long.parseLong(words.get(1));
                            StackGuestIT.addBelow(below, above, lun + 1, Long.parseLong(words.get(2)));
                            serve(above, over, lun + 1);
                        }
                        case "replace" -> {
                            String[] what = words.get(1).split("/");
                            (what[0].equals("below") ? below : above).shell("bundle:update dev.karst." + what[1]);
                        }
                        default -> throw new AssertionError(words);
                    }
                });
            }
        }
    }

    /** Declares so many LUNs, each on a device of the instance below. */
    private static void serve(KarstInstance above, int port, long luns) throws IOException {
        List<Map<String, Object>> units = LongStream.range(0, luns)
            .mapToObj(lun -> Map.<String, Object>of("lun_id", lun, "bdev_name", "Belown" + (lun + 1))).toList();
        List<Map<String, Object>> calls = List.of(
            call("iscsi_create_portal_group", Map.of(
                "tag", 1L, "portals", List.of(Map.of("host", "127.0.0.1", "port", Integer.toString(port))))),
            call("iscsi_create_initiator_group", Map.of("tag", 1L, "initiators", List.of("ANY"), "netmasks", List.of("ANY"))),
            call("iscsi_create_target_node", Map.of("name", IQN, "alias_name", "", "queue_depth", 64L, "luns", units,
                "pg_ig_maps", List.of(Map.of("pg_tag", 1L, "ig_tag", 1L)))));
        above.call("karst_apply", Map.of("state", Map.of("subsystems", List.of(Map.of("subsystem", "iscsi", "config", calls)))));
    }

    private static Map<String, Object> call(String method, Map<String, Object> parameters) {
        return Map.of("method", method, "params", parameters);
    }
}
