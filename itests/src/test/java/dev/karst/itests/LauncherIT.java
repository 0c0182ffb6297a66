package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The karst script, from outside. */
class LauncherIT {
    private static final String NQN = "nqn.2026-11.dev.karst:test";
    private static final int NOT_RUNNING = 3;

    @TempDir Path folder;

    @Test
    void shouldServeUntilStoppedWhenStarted() throws Exception {
        int port = KarstInstance.freePort();
        try (KarstInstance instance = new KarstInstance(folder.resolve("data"), serving(port))) {
            Result up = instance.karst("up");
            assertEquals(0, up.status(), up.output());
            assertAll(
                () -> assertTrue(up.output().contains("nvme connect -t tcp -a 127.0.0.1 -s " + port + " -n " + NQN), up.output()),
                () -> assertContains("already runs", instance.karst("up")),
                () -> assertContains("It runs", instance.karst("status")),
                () -> assertContains("disk0", instance.karst("rpc", "bdev_get_bdevs")),
                () -> assertContains("dev.karst.compat", instance.karst("shell", "bundle:list -s -t 0")),
                () -> assertContains("INFO", instance.karst("logs")),
                () -> assertEquals(1, instance.karst("rpc", "no_such_method").status()),
                () -> assertEquals(1, instance.karst("shell", "no:such").status()));
            assertContains("Stopped", instance.karst("down"));
            assertEquals(NOT_RUNNING, instance.karst("status").status());
            assertFalse(Files.exists(instance.data().resolve("karst.sock")));
        }
    }

    @Test
    void shouldKeepApartWhenTwoRun() throws Exception {
        try (
            KarstInstance one = new KarstInstance(folder.resolve("one"), serving(KarstInstance.freePort()));
            KarstInstance two = new KarstInstance(folder.resolve("two"), serving(KarstInstance.freePort()))) {
            assertContains("It serves", one.karst("up"));
            assertContains("It serves", two.karst("up"));
            assertNotEquals(one.shellPort(), two.shellPort());
            assertContains("Stopped", one.karst("down"));
            assertContains("disk0", two.karst("rpc", "bdev_get_bdevs"));
        }
    }

    @Test
    void shouldServeAgainWhenKilled() throws Exception {
        String configuration = SavedConfiguration.serving(
            KarstInstance.freePort(), NQN, "bdev_aio_create", "\"filename\": \"disk0.img\", \"create_size_mib\": 1");
        try (KarstInstance instance = new KarstInstance(folder.resolve("data"), configuration)) {
            instance.up();
            instance.kill();
            assertEquals(NOT_RUNNING, instance.karst("status").status());
            assertContains("with disk0", instance.karst("up"));
        }
    }

    private static void assertContains(String part, Result result) {
        assertTrue(result.status() == 0 && result.output().contains(part), result::toString);
    }

    private static String serving(int port) {
        return SavedConfiguration.serving(port, NQN, "bdev_malloc_create", "\"block_size\": 512, \"num_blocks\": 2048");
    }
}
