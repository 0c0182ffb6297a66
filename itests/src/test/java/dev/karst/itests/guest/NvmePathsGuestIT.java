package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.Reexport;
import dev.karst.itests.SavedConfiguration;
import dev.karst.itests.VerifiedLoad;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Karst as the initiator of NVMe/TCP targets of two Linux kernels, which have the same disks: by one path to the one and by two, over two
 * ports, to the other. It exports its devices again to a host that writes, reads and compares all the time, while paths break, come back
 * and change. That host sees pauses and nothing else.
 */
class NvmePathsGuestIT extends GuestTest {
    private static final int DISKS = 3;
    private static final long DISK_BYTES = 1 << 20;
    private static final int KEEP_ALIVE_MS = 10_000;
    /** What a connection that is reset may cost. */
    private static final int FAILOVER_MS = 100;
    /** What a target may take to do what it is told. */
    private static final int STEP_MS = 2_000;
    /** The guests are emulated and share processors with what else the machine does. Far below what is noticed by keep-alives only. */
    private static final int SLACK_MS = 3_000;
    private static final int PATIENCE_MS = 60_000;

    private KarstInstance karst;
    private VerifiedLoad load;
    private int front;
    /** Ports of the host that lead to the one target, which is killed, and to the two ports of the other. */
    private int single;
    private int first;
    private int second;
    private GuestRunner killed;

    @Test
    void shouldVerifyAllIoWhenPathsToLinuxTargetsBreakAndReturn() throws IOException {
        front = KarstInstance.freePort();
        single = KarstInstance.freePort();
        first = KarstInstance.freePort();
        second = KarstInstance.freePort();
        GuestRunner.delete(data("paths"));
        List<String> disks = disks();
        String[] steps = {"kernel-target.sh", "none", "kernel-steps.sh", "unlisten+4420", "listen+4420", "ana+4420+inaccessible",
            "ana+4420+optimized"};
        killed = target("paths-single", "6.1", disks, List.of("-f", single + ":4420"), "kernel-target.sh", "none");
        try (GuestRunner stays = target("paths-double", LINUX, disks, List.of("-f", first + ":4420", "-f", second + ":4421"), steps);
            KarstInstance instance = new KarstInstance(data("paths"), SavedConfiguration.EMPTY)) {
            karst = instance;
            karst.up();
            stays.awaitSuccess(words -> {
                try {
                    answer(String.join(" ", words), disks);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError(e);
                }
            });
        } finally {
            killed.close();
        }
    }

    /** Both guests write to the same files, whose contents the host's kernel keeps for both. */
    private static List<String> disks() throws IOException {
        List<String> devices = new ArrayList<>();
        for (int disk = 1; disk <= DISKS; disk++) {
            Path file = Files.createDirectories(data("paths")).resolve("disk" + disk);
            try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
                sparse.setLength(DISK_BYTES);
            }
            devices.addAll(List.of("-drive", "if=none,id=disk%1$d,format=raw,file=%2$s,file.locking=off".formatted(disk, file),
                "-device", "virtio-blk-pci,drive=disk%1$d,addr=1%1$d".formatted(disk)));
        }
        return devices;
    }

    private static GuestRunner target(String run, String kernel, List<String> disks, List<String> forwarded, String... command)
        throws IOException {
        Path job = RUNS.resolve(run);
        GuestRunner.delete(job);
        Files.createDirectories(job);
        List<String> options = new ArrayList<>(List.of("-k", kernel));
        options.addAll(forwarded);
        return GuestRunner.start(job, options, Duration.ofMinutes(10), disks, command);
    }

    /** The target with two ports has done something, and waits until it is seen. */
    private void answer(String done, List<String> disks) throws IOException, InterruptedException {
        switch (done) {
            case "serving" -> {
                attach();
                carries(single);
                load.takeLongestMs();
                killed.kill();
                goesOn("kill of the target", first, FAILOVER_MS);
            }
            case "did unlisten 4420" -> goesOn("end of a listener", second, STEP_MS);
            case "did listen 4420" -> goesOn("return of a path", first, STEP_MS);
            case "did ana 4420 inaccessible" -> {
                goesOn("loss of access", second, STEP_MS);
                // Not before: I/O might have gone by this path.
                killed = target("paths-single", "6.1", disks, List.of("-f", single + ":4420"), "kernel-target.sh", "none");
                killed.awaitAsk("serving");
                goesOn("return of the target", single, STEP_MS);
                killed.freeze();
                goesOn("silence of the target", second, KEEP_ALIVE_MS);
                // It must not wake up: what was sent to it is still in its socket, and was done another way since.
                killed.kill();
            }
            case "did ana 4420 optimized" -> {
                goesOn("return of a path", first, STEP_MS);
                System.out.println("paths: I/Os " + load.done());
                load.close();
                karst.call("bdev_nvme_detach_controller", Map.of("name", "Nvme0"));
            }
            default -> throw new AssertionError(done);
        }
    }

    private void attach() throws IOException, InterruptedException {
        killed.awaitAsk("serving");
        karst.call("bdev_nvme_set_options", Map.of("keep_alive_timeout_ms", (long) KEEP_ALIVE_MS));
        List<Object> devices = List.of("Nvme0n1", "Nvme0n2", "Nvme0n3");
        for (int port : List.of(single, first, second)) {
            assertEquals(devices, Reexport.attach(karst, "Nvme0", REFERENCE, port));
        }
        Reexport.export(karst, NQN, front, devices);
        load = new VerifiedLoad(front, NQN, DISKS);
    }

    /** All I/O goes by that path now, and no I/O took longer than so much. */
    private void goesOn(String what, int port, int mostMs) throws IOException, InterruptedException {
        carries(port);
        long pause = load.takeLongestMs();
        System.out.println("paths: longest I/O of the host, " + what + ": " + pause + " ms");
        assertTrue(pause < mostMs + SLACK_MS, what + ": " + pause + " ms");
    }

    /** Waits until all devices use that path on all reactors. */
    private void carries(int port) throws IOException, InterruptedException {
        List<Object> used = List.of();
        for (int waited = 0; !isOnly(used, port); waited += 20) {
            assertTrue(waited < PATIENCE_MS, "I/O goes by " + used + ", not by " + port);
            TimeUnit.MILLISECONDS.sleep(20);
            used = used();
        }
    }

    private static boolean isOnly(List<Object> used, int port) {
        return used.size() >= DISKS && used.stream().allMatch(each -> each.equals(Integer.toString(port)));
    }

    private List<Object> used() throws IOException {
        List<Object> used = new ArrayList<>();
        Map<?, ?> all = (Map<?, ?>) karst.call("bdev_nvme_get_io_paths", Map.of());
        for (Object group : (List<?>) all.get("poll_groups")) {
            for (Object path : (List<?>) ((Map<?, ?>) group).get("io_paths")) {
                if (Boolean.TRUE.equals(((Map<?, ?>) path).get("current"))) {
                    used.add(((Map<?, ?>) ((Map<?, ?>) path).get("transport")).get("trsvcid"));
                }
            }
        }
        return used;
    }
}
