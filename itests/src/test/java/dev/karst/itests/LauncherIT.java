package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The karst script, from outside. */
class LauncherIT {
    private static final String NQN = "nqn.2026-11.dev.karst:test";
    private static final int NOT_RUNNING = 3;

    @TempDir Path folder;

    @Test
    void shouldServeUntilStoppedWhenStarted() throws Exception {
        int port = freePort();
        try (KarstInstance instance = new KarstInstance(folder.resolve("data"), serving(port))) {
            Result up = instance.karst("up");
            assertEquals(0, up.status(), up.output());
            assertAll(
                () -> assertTrue(up.output().contains("nvme connect -t tcp -a 127.0.0.1 -s " + port + " -n " + NQN), up.output()),
                () -> assertEquals(Set.of(port, instance.shellPort()), instance.listeningPorts()),
                () -> assertEquals("rwx------", permissions(instance.data().resolve("deploy"))),
                () -> assertEquals("rw-------", permissions(instance.data().resolve("etc/admin.key"))),
                () -> assertContains("already runs", instance.karst("up")),
                () -> assertContains("It runs", instance.karst("status")),
                () -> assertContains("Malloc0", instance.karst("rpc", "bdev_get_bdevs")),
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
            KarstInstance one = new KarstInstance(folder.resolve("one"), serving(freePort()));
            KarstInstance two = new KarstInstance(folder.resolve("two"), serving(freePort()))) {
            assertContains("It serves", one.karst("up"));
            assertContains("It serves", two.karst("up"));
            assertNotEquals(one.shellPort(), two.shellPort());
            assertContains("Stopped", one.karst("down"));
            assertContains("Malloc0", two.karst("rpc", "bdev_get_bdevs"));
        }
    }

    @Test
    void shouldNamePortAndLeaveNothingWhenPortIsInUse() throws Exception {
        try (
            ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            KarstInstance instance = new KarstInstance(folder.resolve("data"), serving(taken.getLocalPort()))) {
            Result up = instance.karst("up");
            assertEquals(1, up.status(), up.output());
            String last = up.output().lines().toList().getLast();
            assertTrue(last.startsWith("karst: ") && last.contains(String.valueOf(taken.getLocalPort())), up.output());
            assertEquals(NOT_RUNNING, instance.karst("status").status());
            assertFalse(Files.exists(instance.data().resolve("karst.pid")));
        }
    }

    private static void assertContains(String part, Result result) {
        assertTrue(result.status() == 0 && result.output().contains(part), result::toString);
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String serving(int port) {
        return """
            {"subsystems": [
              {"subsystem": "bdev", "config": [
                {"method": "bdev_malloc_create", "params": {"name": "Malloc0", "block_size": 512, "num_blocks": 2048}}]},
              {"subsystem": "nvmf", "config": [
                {"method": "nvmf_create_transport", "params": {"trtype": "TCP"}},
                {"method": "nvmf_create_subsystem", "params": {"nqn": "%1$s", "allow_any_host": true}},
                {"method": "nvmf_subsystem_add_ns", "params": {"nqn": "%1$s", "namespace": {"bdev_name": "Malloc0"}}},
                {"method": "nvmf_subsystem_add_listener", "params": {"nqn": "%1$s", "listen_address":
                  {"trtype": "TCP", "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "%2$d"}}}]}]}
            """.formatted(NQN, port);
    }
}
