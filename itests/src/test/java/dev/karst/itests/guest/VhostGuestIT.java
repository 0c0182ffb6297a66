package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vhost-user target against QEMU and the virtio-blk driver of a Linux kernel. */
class VhostGuestIT extends GuestTest {
    private static final String MEMORY_MIB = "768";

    @ParameterizedTest
    @CsvSource({"6.12, true", "6.1, false"})
    void shouldVerifyAllIoWhenAGuestHasTheDisk(String kernel, boolean packed) throws IOException {
        String run = "vhost-" + kernel;
        String configuration = SavedConfiguration.servingVhost("bdev_aio_create", "\"filename\": \"disk0.img\", \"create_size_mib\": 512", packed);
        try (var karst = instance(run, configuration)) {
            karst.up();
            Path job = RUNS.resolve(run);
            GuestRunner.delete(job);
            Files.createDirectories(job);
            List<?> options = (List<?>) karst.call("karst_vhost_get_qemu_options",
                Map.of("ctrlr", "disk0", "memory_mb", Long.parseLong(MEMORY_MIB)));
            List<String> words = new ArrayList<>();
            options.forEach(option -> words.addAll(List.of(option.toString().split(" "))));
            String queues = words.getLast().replaceFirst(".*num-queues=([0-9]+).*", "$1");
            try (GuestRunner guest = GuestRunner.start(
                job, List.of("-k", kernel, "-c", "2", "-m", MEMORY_MIB), LIMIT, words, "vhost-blk.sh", "disk0", queues)) {
                guest.awaitSuccess(asked -> answer(karst, run, asked));
            }
        }
    }

    private static void answer(KarstInstance karst, String run, List<String> asked) throws IOException {
        switch (asked.getFirst()) {
            case "resize" -> resize(karst, "disk0", data(run).resolve("disk0.img"), asked.get(1));
            case "replace" -> karst.shell("bundle:update dev.karst." + asked.get(1));
            case "restart" -> {
                karst.kill();
                karst.up();
            }
            default -> throw new AssertionError(asked);
        }
    }
}
