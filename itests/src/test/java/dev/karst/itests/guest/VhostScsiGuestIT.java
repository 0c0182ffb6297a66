package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The vhost-user target against QEMU and the virtio_scsi driver of a Linux kernel. */
class VhostScsiGuestIT extends GuestTest {
    private static final String RUN = "vhost-scsi";
    private static final String MEMORY_MIB = "768";

    @Test
    void shouldVerifyAllIoWhenAGuestHasTheTargets() throws IOException {
        String configuration = SavedConfiguration.servingVhostScsi("bdev_aio_create", "\"filename\": \"disk0.img\", \"create_size_mib\": 512");
        try (var karst = instance(RUN, configuration)) {
            karst.up();
            karst.call("bdev_malloc_create", Map.of("name", "disk1", "num_blocks", 131_072, "block_size", 512));
            Path job = RUNS.resolve(RUN);
            GuestRunner.delete(job);
            Files.createDirectories(job);
            List<?> options = (List<?>) karst.call("karst_vhost_get_qemu_options",
                Map.of("ctrlr", "vs0", "memory_mb", Long.parseLong(MEMORY_MIB)));
            List<String> words = new ArrayList<>();
            options.forEach(option -> words.addAll(List.of(option.toString().split(" "))));
            String queues = words.getLast().replaceFirst(".*num_queues=([0-9]+).*", "$1");
            try (GuestRunner guest = GuestRunner.start(
                job, List.of("-k", LINUX, "-c", "2", "-m", MEMORY_MIB), LIMIT, words, "vhost-scsi.sh", queues)) {
                guest.awaitSuccess(asked -> answer(karst, asked));
            }
        }
    }

    private static void answer(KarstInstance karst, List<String> asked) throws IOException {
        switch (asked.getFirst()) {
            case "resize" -> resize(karst, "disk0", data(RUN).resolve("disk0.img"), asked.get(1));
            case "add" -> karst.call("vhost_scsi_controller_add_target",
                Map.of("ctrlr", "vs0", "scsi_target_num", Integer.parseInt(asked.get(1)), "bdev_name", "disk1"));
            case "remove" -> karst.call("vhost_scsi_controller_remove_target",
                Map.of("ctrlr", "vs0", "scsi_target_num", Integer.parseInt(asked.get(1))));
            default -> throw new AssertionError(asked);
        }
    }
}
