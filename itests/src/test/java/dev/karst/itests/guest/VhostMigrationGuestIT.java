package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A guest whose root is on a disk of the vhost-user target goes from one QEMU to another: each has a controller of that disk. */
class VhostMigrationGuestIT extends GuestTest {
    private static final long MEMORY_MIB = 768;
    private static final long POLL_MS = 200;
    private static final long MIB = 1024 * 1024;
    private static final String GROWN_MIB = "704";

    /**
     * A copy of the memory beside the running guest is begun, with what Karst writes to it noted, and thrown away: emulated guests do not
     * always survive such a copy, with any vhost-user disk. Then it is copied while the guest stands still.
     */
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void shouldGoOnWithVerifiedIoWhenTheGuestIsMoved() throws IOException {
        String run = "vhost-move";
        // A socket's path is short.
        Path folder = Files.createTempDirectory("karst-guest");
        try (var karst = instance(run, SavedConfiguration.servingVhost("bdev_aio_create", "\"filename\": \"disk0.img\"", true))) {
            Path disk = data(run).resolve("disk0.img");
            Files.copy(GuestRunner.root(), disk);
            karst.up();
            karst.rpc("vhost_create_blk_controller", "ctrlr=other", "dev_name=disk0", "packed_ring=true");
            try (GuestRunner before = start(karst, folder, run, "disk0");
                GuestRunner after = start(karst, folder, run, "other")) {
                before.awaitAsk("move");
                move(folder);
                resize(karst, "disk0", disk, GROWN_MIB);
                after.awaitSuccess();
            }
        } finally {
            GuestRunner.delete(folder);
        }
    }

    private static GuestRunner start(KarstInstance karst, Path folder, String run, String controller) throws IOException {
        Path job = RUNS.resolve(run + '-' + controller);
        GuestRunner.delete(job);
        Files.createDirectories(job);
        List<String> devices = VhostGuestIT.devices(karst, controller, MEMORY_MIB);
        devices.addAll(List.of(Monitor.option(folder.resolve(controller))));
        if (!controller.equals("disk0")) {
            devices.addAll(List.of("-incoming", "unix:" + folder.resolve("memory")));
        }
        List<String> options = List.of("-c", "1", "-m", Long.toString(MEMORY_MIB), "-r", "-k", LINUX);
        return GuestRunner.start(job, options, LIMIT, devices, "vhost-move.sh");
    }

    private static void move(Path folder) throws IOException {
        try (Monitor source = new Monitor(folder.resolve("disk0")); Monitor target = new Monitor(folder.resolve("other"))) {
            // So slow that it does not end.
            source.call("migrate-set-parameters", Map.of("max-bandwidth", 16 * MIB));
            // QEMU refuses as long as the guest has the share.
            while (!source.succeeds("migrate", Map.of("uri", "exec:cat >/dev/null"))) {
                pause();
            }
            while (!(source.query("query-migrate").get("ram") instanceof Map<?, ?> ram)
                || ((Number) ram.get("transferred")).longValue() < 16 * MIB) {
                pause();
            }
            source.call("migrate_cancel", Map.of());
            await(source, "cancelled");
            source.call("stop", Map.of());
            source.call("migrate-set-parameters", Map.of("max-bandwidth", 1024 * MIB));
            source.call("migrate", Map.of("uri", "unix:" + folder.resolve("memory")));
            await(source, "completed");
            source.call("quit", Map.of());
            target.call("cont", Map.of());
        }
    }

    private static void await(Monitor source, String wanted) throws IOException {
        String status = "";
        while (!status.equals(wanted)) {
            pause();
            status = source.query("query-migrate").get("status").toString();
            assertNotEquals("failed", status);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted");
        }
    }
}
