package dev.karst.itests.nvme;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.nvme.NvmeModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.env.Region;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.pcie.BusTransport;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;

/**
 * In the guest: a block device of a controller at the bus, under random I/O that is verified; the controller is unplugged meanwhile and
 * plugged in again, and what was written is there.
 *
 * <p>{@code BdevGuest WAY ADDRESS}, with the same ways as {@link NvmeGuest}. Namespace 1 of the controller holds zeros. Asks the host of
 * the guest for "unplug" and "plug". Ends with status 1 and a line with FAIL when something is not as it should be.
 */
public final class BdevGuest {
    private static final int BLOCKS = 2048;
    private static final int BLOCK_BYTES = 512;
    private static final int DEPTH = 16;
    private static final int SOME = 400;
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(240);

    private final LinuxEnvironment environment = new LinuxEnvironment();
    private final PinnedReactors reactors = new PinnedReactors(environment);
    private final BdevStage stage = new BdevStage(environment, reactors, BdevGuest::await);
    private final Model model = new Model(0, BLOCKS, BLOCK_BYTES, false);
    private final String way;
    private final String address;
    private final Region memory;
    private long seed;

    private BdevGuest(String way, String address) throws StorageException {
        this.way = way;
        this.address = address;
        memory = environment.memory().allocate("load", RandomIo.bytesNeeded(BLOCK_BYTES, DEPTH));
        var driver = new PolledDriver(environment, reactors);
        driver.add(new BusTransport(environment));
        var module = new NvmeModule();
        module.setDriver(driver);
        stage.add(module);
    }

    public static void main(String[] words) {
        try {
            new BdevGuest(words[0], words[1]).run();
        } catch (StorageException | AssertionError e) {
            System.out.println("FAIL: " + e);
            e.printStackTrace(System.out);
            System.exit(1);
        }
        System.exit(0);
    }

    private void run() throws StorageException {
        environment.pci().bind(address, way);
        Object devices = stage.call("bdev_nvme_attach_controller", "name", "Nvme0", "trtype", "PCIe", "traddr", address);
        check(devices.equals(List.of("Nvme0n1")), "devices " + devices);
        stage.call("bdev_nvme_set_hotplug", "enable", true);
        int ios;
        try (var disk = new Disk("Nvme0n1")) {
            System.out.println("ok: " + disk.run(SOME, status -> false) + " I/Os on Nvme0n1");
            CompletableFuture<Void> unplugged = CompletableFuture.runAsync(() -> ask("unplug"));
            // A few at a time: who submits again at once what is refused at once leaves the reactor no time.
            for (ios = 0; !disk.removed;) {
                ios += disk.run(DEPTH, status -> status != Status.MISCOMPARE);
            }
            unplugged.join();
        }
        await(() -> stage.layer().find("Nvme0n1").isEmpty());
        System.out.println("ok: unplugged, after " + ios + " I/Os");
        ask("plug");
        Path function = Path.of("/sys/bus/pci/devices", address);
        await(() -> Files.exists(function.resolve("driver")));
        environment.pci().bind(address, way);
        await(() -> stage.layer().find("HotInNvme0n1").isPresent());
        try (var disk = new Disk("HotInNvme0n1")) {
            System.out.println("ok: plugged in again, and " + disk.run(SOME, status -> false) + " I/Os");
        }
        stage.call("bdev_nvme_detach_controller", "name", "HotInNvme0");
        environment.pci().bind(address, "");
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + WAIT_NANOS;
        while (!condition.getAsBoolean()) {
            check(System.nanoTime() < deadline, "not reached in " + TimeUnit.NANOSECONDS.toSeconds(WAIT_NANOS) + " s");
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    /** Has the host do it, as scripts of the guest do. */
    private static void ask(String what) {
        try {
            int status = new ProcessBuilder("bash", "-c", ". /job/lib.sh; ask " + what).inheritIO().start().waitFor();
            check(status == 0, "the host was asked for " + what);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** A device that is open on one reactor; its blocks hold what was written to the disk before. */
    private final class Disk implements BdevEvents, AutoCloseable {
        private final Reactor reactor = reactors.next();
        private final BdevDescriptor descriptor;
        private final BdevChannel channel;
        private volatile boolean removed;

        Disk(String bdev) throws StorageException {
            descriptor = stage.layer().open(bdev, true, reactor, this);
            channel = reactors.call(reactor, this::open);
        }

        private BdevChannel open(Reactor here) {
            try {
                return descriptor.openChannel(here);
            } catch (StorageException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void removed() {
            removed = true;
        }

        /** Does so many random I/Os, which end well or as is tolerated; how many the device took. */
        int run(int count, IntPredicate tolerated) throws StorageException {
            var io = new RandomIo(channel, model, ++seed, memory, IoMix.of(DEPTH, count).tolerating(tolerated));
            stage.on(reactor, io::start);
            await(io::isDone);
            return io.accepted();
        }

        @Override
        public void close() throws StorageException {
            stage.on(reactor, channel::close);
            descriptor.close();
        }
    }
}
