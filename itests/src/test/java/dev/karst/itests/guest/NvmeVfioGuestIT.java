package dev.karst.itests.guest;

import dev.karst.base.Mem;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.nvme.NvmeModule;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.env.Environment;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.itests.nvme.NvmeGuest;
import dev.karst.nvme.NvmeDriver;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.pcie.BusTransport;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.rpc.RpcMethods;
import dev.karst.spec.nvme.Sqe;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The NVMe driver on QEMU's controllers, in a guest: behind an IOMMU by vfio-pci, and without one. */
class NvmeVfioGuestIT extends GuestTest {
    private static final long DISK_BYTES = 64 << 20;
    /** A device that was pulled out keeps the kernel waiting for a minute of its own. */
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    /** One of each: what the driver is made of, in bundles of their own. */
    private static final List<Class<?>> PARTS = List.of(
        Mem.class, RpcMethods.class, Environment.class, LinuxEnvironment.class, Reactor.class, PinnedReactors.class, Sqe.class,
        NvmeDriver.class, PolledDriver.class, BusTransport.class, Bdev.class, BlockLayer.class, NvmeModule.class, RandomIo.class,
        NvmeGuest.class);
    /** The controller that is unplugged and plugged in again. */
    private static final String HOT = "hot";

    /** Each takes minutes, so the older kernel is for a soak: {@code -Dkarst.guest.soak=true}. */
    static Stream<Arguments> ways() {
        List<String> kernels = Boolean.getBoolean("karst.guest.soak") ? List.of(LINUX, "6.1") : List.of(LINUX);
        return kernels.stream().flatMap(kernel -> Stream.of("vfio-pci", "none").map(way -> Arguments.of(way, kernel)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldVerifyAllIoWhenControllersAreTakenFromLinux(String way, String kernel) throws Exception {
        Path job = RUNS.resolve("nvme-" + way + "-" + kernel);
        GuestRunner.delete(job);
        Files.createDirectories(job.resolve("lib"));
        for (Class<?> part : PARTS) {
            put(part, job.resolve("lib"));
        }
        List<String> options = new ArrayList<>(List.of("-j", "-k", kernel, "-c", "2", "-m", "1024"));
        if (way.equals("vfio-pci")) {
            options.add("-i");
        }
        // A socket's path is short.
        Path folder = Files.createTempDirectory("karst-guest");
        Path socket = folder.resolve("monitor");
        List<String> devices = devices(job);
        devices.addAll(List.of(Monitor.option(socket)));
        try (GuestRunner guest = GuestRunner.start(job, options, PATIENCE, devices, "nvme-vfio.sh", way)) {
            guest.awaitSuccess(words -> {
                try (Monitor monitor = new Monitor(socket)) {
                    answer(words.getFirst(), monitor);
                }
            });
        } finally {
            GuestRunner.delete(folder);
        }
    }

    private static void answer(String wanted, Monitor monitor) throws IOException {
        switch (wanted) {
            case "unplug" -> {
                monitor.call("device_del", Map.of("id", HOT));
                monitor.await("DEVICE_DELETED");
            }
            case "plug" -> monitor.call("device_add",
                Map.of("driver", "nvme", "id", HOT, "serial", "HOT", "bus", "rp1", "drive", "disk9"));
            default -> throw new AssertionError(wanted);
        }
    }

    /** A folder of classes, or a jar of them, by its name in the guest's class path. */
    private static void put(Class<?> part, Path folder) throws IOException, URISyntaxException {
        Path from = Path.of(part.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isRegularFile(from)) {
            Files.copy(from, folder.resolve(part.getSimpleName() + ".jar"));
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = folder.resolve("classes").resolve(from.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static List<String> devices(Path job) throws IOException {
        List<String> devices = new ArrayList<>();
        for (int disk = 1; disk <= 9; disk++) {
            Path file = job.resolve("disk" + disk);
            try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
                sparse.setLength(DISK_BYTES);
            }
            // As it stays when its device is unplugged.
            devices.addAll(List.of("-blockdev", "driver=raw,node-name=disk%d,file.driver=file,file.filename=%s".formatted(disk, file)));
        }
        for (String device : List.of(
            "nvme,id=c0,serial=ALL,addr=10,mdts=5,max_ioqpairs=8",
            "nvme-ns,bus=c0,drive=disk1,nsid=1",
            "nvme-ns,bus=c0,drive=disk2,nsid=2,logical_block_size=4096,physical_block_size=4096",
            "nvme-ns,bus=c0,drive=disk3,nsid=3,zoned=on,zoned.zone_size=4M,zoned.zone_capacity=3M,zoned.max_open=4,zoned.max_active=8",
            "nvme-ns,bus=c0,drive=disk4,nsid=4,ms=8,mset=0,pi=1,pil=1",
            "nvme-ns,bus=c0,drive=disk5,nsid=5,ms=16,mset=0,logical_block_size=4096,physical_block_size=4096",
            "nvme-ns,bus=c0,drive=disk6,nsid=6,ms=8,mset=1",
            "pcie-root-port,id=rp0,chassis=1,slot=1,addr=11",
            "nvme,serial=BEHIND,bus=rp0,drive=disk7",
            "nvme,serial=BUFFER,addr=13,cmb_size_mb=16,drive=disk8",
            "pcie-root-port,id=rp1,chassis=2,slot=2,addr=12",
            "nvme,id=" + HOT + ",serial=HOT,bus=rp1,drive=disk9")) {
            devices.addAll(List.of("-device", device));
        }
        return devices;
    }
}
