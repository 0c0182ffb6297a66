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
            List<String> devices = devices(karst);
            String queues = devices.getLast().replaceFirst(".*num-queues=([0-9]+).*", "$1");
            run(run, List.of("-k", kernel), devices, asked -> answer(karst, run, asked), "vhost-blk.sh", "disk0", queues);
        }
    }

    @Test
    void shouldKeepWhatAGuestWroteWhenItsRootIsOnTheDisk() throws IOException {
        String run = "vhost-root";
        // A socket's path is short.
        Path folder = Files.createTempDirectory("karst-guest");
        Path socket = folder.resolve("monitor");
        try (var karst = instance(run, SavedConfiguration.servingVhost("bdev_aio_create", "\"filename\": \"disk0.img\"", false))) {
            Files.copy(GuestRunner.root(), data(run).resolve("disk0.img"));
            karst.up();
            karst.rpc("bdev_malloc_create", "name=disk1", "num_blocks=65536", "block_size=512");
            karst.rpc("vhost_create_blk_controller", "ctrlr=disk1", "dev_name=disk1");
            List<String> devices = devices(karst);
            List<String> monitored = new ArrayList<>(devices);
            monitored.addAll(List.of("-device", "pcie-root-port,id=rp0,chassis=1,slot=1"));
            monitored.addAll(List.of(Monitor.option(socket)));
            run(run, List.of("-r", "-k", "6.12"), monitored, asked -> answer(karst, run, socket, asked), "vhost-root.sh", "first");
            run(run, List.of("-r", "-k", "6.1"), devices, asked -> answer(karst, run, asked), "vhost-root.sh", "again");
        } finally {
            GuestRunner.delete(folder);
        }
    }

    /** No kernel is given to QEMU: its firmware, and what that loads, read the disk too. */
    @Test
    void shouldBootByFirmwareAndRebootWhenTheDiskIsAllTheMachineHas() throws IOException {
        String run = "vhost-boot";
        try (var karst = instance(run, SavedConfiguration.servingVhost("bdev_aio_create", "\"filename\": \"disk0.img\"", false))) {
            GuestRunner.makeBootDisk(LINUX, data(run).resolve("disk0.img"));
            karst.up();
            run(run, List.of("-b"), devices(karst), asked -> answer(karst, run, asked), "vhost-boot.sh");
        }
    }

    private static void answer(KarstInstance karst, String run, Path socket, List<String> asked) throws IOException {
        String name = asked.getLast();
        switch (asked.getFirst()) {
            case "plug" -> plug(socket, data(run).resolve("vhost").resolve(name), name);
            case "unplug" -> unplug(socket, name);
            default -> answer(karst, run, asked);
        }
    }

    private static void plug(Path socket, Path path, String name) throws IOException {
        var address = Map.of("type", "unix", "data", Map.of("path", path.toString()));
        try (Monitor monitor = new Monitor(socket)) {
            monitor.call("chardev-add", Map.of(
                "id", name, "backend", Map.of("type", "socket", "data", Map.of("addr", address, "server", false, "reconnect", 1L))));
            monitor.call("device_add", Map.of("driver", "vhost-user-blk-pci", "id", "hot", "bus", "rp0", "chardev", name));
        }
    }

    private static void unplug(Path socket, String name) throws IOException {
        try (Monitor monitor = new Monitor(socket)) {
            monitor.call("device_del", Map.of("id", "hot"));
            monitor.await("DEVICE_DELETED");
            monitor.call("chardev-remove", Map.of("id", name));
        }
    }

    /** What QEMU is told of the disk and of the guest's memory, in its words. */
    private static List<String> devices(KarstInstance karst) throws IOException {
        return devices(karst, "disk0", Long.parseLong(MEMORY_MIB));
    }

    /** The same of a controller's disk, and of so much memory. */
    static List<String> devices(KarstInstance karst, String controller, long memoryMib) throws IOException {
        List<?> options = (List<?>) karst.call("karst_vhost_get_qemu_options", Map.of("ctrlr", controller, "memory_mb", memoryMib));
        List<String> words = new ArrayList<>();
        options.forEach(option -> words.addAll(List.of(option.toString().split(" "))));
        return words;
    }

    private static void run(
        String run, List<String> options, List<String> devices, GuestRunner.Answers answers, String... command) throws IOException {
        Path job = RUNS.resolve(run);
        GuestRunner.delete(job);
        Files.createDirectories(job);
        List<String> all = new ArrayList<>(List.of("-c", "2", "-m", MEMORY_MIB));
        all.addAll(options);
        try (GuestRunner guest = GuestRunner.start(job, all, LIMIT, devices, command)) {
            guest.awaitSuccess(answers);
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
