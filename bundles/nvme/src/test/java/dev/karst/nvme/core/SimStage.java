package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.env.PciDevice;
import dev.karst.env.PciFunction;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.testkit.SimNvme;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.nvme.testkit.media.SimSubsystem;
import dev.karst.nvme.transport.PciTransport;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** The driver in a simulated world with one controller. */
final class SimStage {
    static final TransportId ID = TransportId.pcie("0000:01:00.0");
    static final long BLOCKS = 4096;

    private static final ControllerOptions STANDARD = ControllerOptions.standard();

    /** The bus of the world. */
    private final class Bus implements PciTransport {
        @Override
        public String type() {
            return "PCIE";
        }

        @Override
        public List<TransportId> probe() {
            return world.environment().pci().functions().stream().map(PciFunction::address).map(TransportId::pcie).toList();
        }

        @Override
        public PciDevice open(TransportId id) throws StorageException {
            return wrap.apply(world.environment().pci().open(id.address()));
        }
    }

    final SimWorld world;
    final SimSubsystem subsystem;
    final SimNvme nvme;
    final SimNamespace disk;
    final PolledDriver driver;
    final long bytesBefore;
    NvmeController controller;
    /** What stands between the driver and the device. */
    UnaryOperator<PciDevice> wrap = device -> device;

    SimStage(SimWorld world, Traits traits, Settings settings) {
        this.world = world;
        subsystem = new SimSubsystem("SIM1", 1L << 30);
        nvme = new SimNvme(world.environment(), world.random().split(), ID.address(), subsystem, traits);
        disk = subsystem.add(BLOCKS, settings);
        world.environment().pci().plug(nvme);
        bytesBefore = world.environment().memory().givenBytes();
        driver = new PolledDriver(world.environment(), world.reactors());
        driver.add(new Bus());
    }

    /** Time-outs that a simulation gets past quickly. */
    static ControllerOptions options(int ioMs, int lossMs) {
        return new ControllerOptions(
            STANDARD.queueEntries(), STANDARD.adminEntries(), 0, "", "", "", false, false, true, true, true,
            new ControllerOptions.Timeouts(ioMs, 2_000, 50, lossMs));
    }

    NvmeController attach(ControllerOptions options) throws Exception {
        controller = world.background(() -> driver.attach(ID, options));
        return controller;
    }

    /** Begins a piece of control-plane work, whose failure may be looked at or not. */
    <T> CompletableFuture<T> begin(Callable<T> work) {
        var done = new CompletableFuture<T>();
        world.environment().threads().background().execute(() -> {
            try {
                done.complete(work.call());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    /** Lets go of the controller; nothing may be left of it, and neither side may have done wrong. */
    void finish() throws Exception {
        world.background(() -> {
            driver.close();
            return null;
        });
        assertEquals(bytesBefore, world.environment().memory().givenBytes(), () -> "left: "
            + world.environment().memory().regions());
        assertClean();
    }

    void assertClean() {
        assertEquals(List.of(), nvme.memory().faults());
        assertTrue(nvme.faults().lies() || nvme.violations().isEmpty(), () -> "against the standard: " + nvme.violations());
    }
}
