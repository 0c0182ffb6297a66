package dev.karst.itests.nvme;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.PciDevice;
import dev.karst.env.PciFunction;
import dev.karst.env.Region;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvme.AdminCommand;
import dev.karst.nvme.Command;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.pcie.BusTransport;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.Opcode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * In the guest: takes an NVMe controller from the kernel and drives it.
 *
 * <p>{@code NvmeGuest WAY ADDRESS FOLDER STEP...}: the way is {@code vfio-pci} or {@code none}; the folder holds what nvme-cli said of the
 * controller, as binary; steps are methods here. Ends with status 1 and a line with FAIL when something is not as it should be.
 */
public final class NvmeGuest {
    private static final long LOAD = 200;
    private static final long WAIT_MS = 240_000;

    private final LinuxEnvironment environment = new LinuxEnvironment();
    private final PinnedReactors reactors = new PinnedReactors(environment);
    private final PolledDriver driver = new PolledDriver(environment, reactors);
    private final String way;
    private final String address;
    private final Path folder;

    private NvmeGuest(String way, String address, Path folder) throws StorageException {
        this.way = way;
        this.address = address;
        this.folder = folder;
        driver.add(new BusTransport(environment));
    }

    public static void main(String[] words) throws Exception {
        var guest = new NvmeGuest(words[0], words[1], Path.of(words[2]));
        try {
            for (String step : Arrays.copyOfRange(words, 3, words.length)) {
                guest.step(step);
                System.out.println("ok: " + step);
            }
        } catch (StorageException | IOException | AssertionError e) {
            System.out.println("FAIL: " + e);
            e.printStackTrace(System.out);
            System.exit(1);
        }
        guest.driver.close();
        System.exit(0);
    }

    private void step(String step) throws StorageException, IOException {
        switch (step) {
            case "refuse-mounted" -> refuseMounted();
            case "registers" -> registers();
            case "identify" -> identify();
            case "load" -> load(ControllerOptions.standard());
            case "load-prp" -> load(options(false, true));
            case "load-polled" -> load(options(true, false));
            case "reset" -> resetUnderLoad();
            case "errors" -> errors();
            case "zoned" -> zoned();
            case "pattern" -> pattern();
            case "buffer" -> buffer();
            case "remove" -> vanishUnderLoad("remove");
            case "surprise" -> vanishUnderLoad("surprise");
            case "give-back" -> environment.pci().bind(address, "");
            default -> throw new AssertionError("no step " + step);
        }
    }

    private static ControllerOptions options(boolean sgl, boolean interrupts) {
        var standard = ControllerOptions.standard();
        return new ControllerOptions(standard.queueEntries(), standard.adminEntries(), 0, "", "", "", false, false, interrupts, sgl,
            true, standard.timeouts());
    }

    private NvmeController attach(ControllerOptions options) throws StorageException {
        environment.pci().bind(address, way);
        check(driver.probe().contains(TransportId.pcie(address)), "probe finds it");
        return driver.attach(TransportId.pcie(address), options);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static void refused(int errno, Refused call) throws StorageException {
        try {
            call.run();
        } catch (StorageException e) {
            System.out.println("    refused: " + e.getMessage());
            check(e.code() == -errno, "refused with " + e.code() + ", not " + -errno);
            return;
        }
        throw new AssertionError("not refused with " + errno);
    }

    private interface Refused {
        void run() throws StorageException;
    }

    private void refuseMounted() throws StorageException {
        refused(Errno.EBUSY, () -> environment.pci().bind(address, way));
        refused(Errno.EBUSY, () -> environment.pci().open(address));
        check(function().driver().equals("nvme"), "the kernel still has it");
    }

    private PciFunction function() {
        return environment.pci().functions().stream().filter(function -> function.address().equals(address)).findFirst().orElseThrow();
    }

    /** The device as the driver sees it, below NVMe. */
    private void registers() throws StorageException {
        environment.pci().bind(address, way);
        PciDevice device = environment.pci().open(address);
        check(device.readConfig(8, 4) >>> 8 == PciFunction.NVME, "class");
        check(device.read(0, 8, 4) == 0x10400, "version " + device.read(0, 8, 4));
        long registers = device.map(0, 0, 4096);
        check(Mem.getLong(registers) == device.read(0, 0, 8), "CAP by load and by call");
        refused(Errno.EBUSY, () -> environment.pci().open(address));
        refused(Errno.EBUSY, () -> environment.pci().bind(address, ""));
        refused(Errno.EINVAL, () -> device.map(0, device.barBytes(0), 4));
        refused(device.vectors() > 0 ? Errno.EINVAL : Errno.EOPNOTSUPP, () -> device.enableInterrupts(device.vectors() + 1));
        System.out.println("    vectors " + device.vectors() + ", BAR 0 of " + device.barBytes(0) + ", group " + function().iommuGroup());
        device.reset();
        check(device.read(0, 0x14, 4) == 0, "CC after a reset");
        device.close();
        check(Mem.getLong(registers) == -1, "closed registers read ones");
    }

    private void identify() throws StorageException, IOException {
        NvmeController controller = attach(ControllerOptions.standard());
        same("id-ctrl", controller.data().identify());
        List<NvmeNamespace> namespaces = controller.namespaces();
        checkNumbers(namespaces);
        for (NvmeNamespace namespace : namespaces) {
            byte[] identify = controller.admin(AdminCommand.identify(namespace.nsid(), IdentifyCommand.CNS_NAMESPACE)).data();
            same("id-ns-" + namespace.nsid(), identify);
            System.out.println("    " + namespace.nsid() + ": " + namespace.blocks() + " blocks, " + namespace.format());
        }
        controller.detach();
    }

    /** The same that nvme-cli found. */
    private void checkNumbers(List<NvmeNamespace> namespaces) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            Set<String> expected = files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("id-ns-"))
                .collect(Collectors.toSet());
            Set<String> found = namespaces.stream().map(namespace -> "id-ns-" + namespace.nsid()).collect(Collectors.toSet());
            check(found.equals(expected), "namespaces are " + found + ", nvme-cli found " + expected);
        }
    }

    private void same(String name, byte[] found) throws IOException {
        int at = Arrays.mismatch(Files.readAllBytes(folder.resolve(name)), found);
        check(at < 0, name + " differs from what nvme-cli read at byte " + at);
    }

    private void load(ControllerOptions options) throws StorageException {
        NvmeController controller = attach(options);
        for (NvmeNamespace namespace : controller.namespaces()) {
            if (namespace.ids().commandSet() == 0) {
                Reactor reactor = reactors.next();
                NvmeQueuePair queue = controller.openQueuePair(reactor);
                var blocks = new VerifiedBlocks(queue, namespace, 7);
                say(namespace, await(start(reactor, blocks, LOAD)));
                controller.closeQueuePair(queue);
            }
        }
        controller.detach();
    }

    private VerifiedBlocks start(Reactor reactor, VerifiedBlocks blocks, long requests) throws StorageException {
        Region memory = environment.memory().allocate("load", VerifiedBlocks.MEMORY);
        reactors.call(reactor, r -> {
            blocks.start(memory, requests);
            return null;
        });
        return blocks;
    }

    private String await(VerifiedBlocks blocks) throws StorageException {
        String result = reactors.await(blocks.done(), WAIT_MS, "the load");
        check(!result.startsWith("FAIL"), result);
        return result;
    }

    private static void say(NvmeNamespace namespace, String what) {
        System.out.println("    namespace " + namespace.nsid() + ": " + what);
    }

    private void resetUnderLoad() throws StorageException {
        NvmeController controller = attach(ControllerOptions.standard());
        Reactor reactor = reactors.next();
        NvmeQueuePair queue = controller.openQueuePair(reactor);
        NvmeNamespace namespace = controller.namespaces().getFirst();
        var blocks = start(reactor, new VerifiedBlocks(queue, namespace, 11), Long.MAX_VALUE);
        for (int i = 0; i < 3; i++) {
            pause(300);
            controller.reset();
            check(controller.state() == NvmeController.State.READY, "ready after a reset");
        }
        pause(300);
        blocks.stop();
        String result = await(blocks);
        check(!result.contains(", 0 requests"), "resets ended nothing");
        say(namespace, result);
        controller.detach();
    }

    private void pause(long ms) throws StorageException {
        var over = new CompletableFuture<Void>();
        CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS).execute(() -> over.complete(null));
        reactors.await(over, WAIT_MS, "a while");
    }

    private void errors() throws StorageException {
        NvmeController controller = attach(ControllerOptions.standard());
        NvmeNamespace namespace = controller.namespaces().getFirst();
        refused(Errno.EIO, () -> controller.io(Command.of(Opcode.NVM_READ, 999).receiving(512)));
        int behind = (int) namespace.blocks();
        refused(Errno.EIO, () -> controller.io(
            Command.of(Opcode.NVM_READ, 1).with(behind, 0).receiving(namespace.format().blockSize())));
        refused(Errno.EIO, () -> controller.admin(Command.of(0xc0, 0)));
        refused(Errno.EEXIST, () -> driver.attach(TransportId.pcie(address), ControllerOptions.standard()));
        refused(Errno.EBUSY, () -> environment.pci().bind(address, ""));
        check(controller.state() == NvmeController.State.READY, "ready after errors");
        controller.detach();
        refused(Errno.ENODEV, () -> driver.attach(TransportId.pcie("0000:00:1f.7"), ControllerOptions.standard()));
    }

    /** Writes a zone from its start and reads it back. */
    private void zoned() throws StorageException {
        NvmeController controller = attach(ControllerOptions.standard());
        NvmeNamespace namespace = controller.namespaces().stream().filter(n -> n.ids().commandSet() == 2).findFirst().orElseThrow();
        check(namespace.zones() != null && namespace.zones().zoneBlocks() > 0, "zones");
        int size = namespace.format().blockSize();
        byte[] data = bytes(4 * size, 5);
        int zone = (int) namespace.zones().zoneBlocks();
        var four = new Command.Dwords(zone, 0, 3, 0, 0, 0);
        controller.io(Command.of(Opcode.NVM_WRITE, namespace.nsid()).with(four).sending(data));
        check(Arrays.equals(data, controller.io(Command.of(Opcode.NVM_READ, namespace.nsid()).with(four).receiving(data.length)).data()),
            "what a zone holds");
        refused(Errno.EIO, () -> controller.io(Command.of(Opcode.NVM_WRITE, namespace.nsid()).with(four).sending(data)));
        long at = controller.io(Command.of(0x7d, namespace.nsid()).with(four).sending(data)).result();
        check(at == zone + 4, "the zone append went to " + at);
        controller.detach();
    }

    private static byte[] bytes(int count, int seed) {
        var bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Writes what the kernel will read. */
    private void pattern() throws StorageException, IOException {
        NvmeController controller = attach(ControllerOptions.standard());
        NvmeNamespace namespace = controller.namespaces().getFirst();
        byte[] data = bytes(64 * namespace.format().blockSize(), 3);
        controller.io(Command.of(Opcode.NVM_WRITE, namespace.nsid()).with(new Command.Dwords(0, 0, 63, 0, 0, 0)).sending(data));
        controller.io(Command.of(Opcode.NVM_FLUSH, namespace.nsid()));
        Files.write(folder.resolve("pattern"), data);
        controller.detach();
    }

    /** The controller's memory, which lies in a range of its own. */
    private void buffer() throws StorageException {
        environment.pci().bind(address, way);
        PciDevice device = environment.pci().open(address);
        int bar = 2;
        check(device.barBytes(bar) >= 16 << 20, "BAR 2 of " + device.barBytes(bar));
        long at = device.map(bar, 0, device.barBytes(bar));
        Mem.setLong(at + 4096, 0x1122_3344_5566_7788L);
        check(Mem.getLong(at + 4096) == device.read(bar, 4096, 8), "controller memory by load and by call");
        device.close();
        check(Mem.getLong(at + 4096) == -1, "closed controller memory");
    }

    private void vanishUnderLoad(String how) throws StorageException, IOException {
        NvmeController controller = attach(ControllerOptions.standard());
        Reactor reactor = reactors.next();
        NvmeQueuePair queue = controller.openQueuePair(reactor);
        var blocks = start(reactor, new VerifiedBlocks(queue, controller.namespaces().getFirst(), 13), Long.MAX_VALUE);
        pause(300);
        var ended = new AtomicBoolean();
        environment.threads().start(how, () -> {
            try {
                if (how.equals("remove")) {
                    Files.writeString(Path.of("/sys/bus/pci/devices", address, "remove"), "1\n");
                } else {
                    new ProcessBuilder("bash", folder.resolve("pull").toString()).inheritIO().start().waitFor();
                }
                ended.set(true);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        for (int i = 0; i < 200 && controller.state() != NvmeController.State.REMOVED; i++) {
            pause(100);
        }
        check(controller.state() == NvmeController.State.REMOVED, "state " + controller.state() + ": " + controller.reason());
        blocks.stop();
        System.out.println("    " + await(blocks));
        controller.detach();
        for (int i = 0; i < 200 && !ended.get(); i++) {
            pause(100);
        }
        check(ended.get(), "the kernel has its device back");
    }
}
