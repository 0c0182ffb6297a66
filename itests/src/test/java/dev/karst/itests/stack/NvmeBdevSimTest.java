package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.nvme.NvmeModule;
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.env.Region;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.tcp.TcpFabrics;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A disk of this target as a device of this initiator, through the whole of both, simulated: random I/O is verified over a reset. */
class NvmeBdevSimTest {
    private static final int SEEDS = 5;
    private static final int BLOCK = 512;
    private static final int BLOCKS = 512;
    private static final int DEPTH = 16;
    /** Of a fused compare-and-write that a reset cut off: nobody knows whether it was done. */
    private static final int CUT_OFF = Status.nvme(3, 0x71);
    /** Of a compare-and-write of more blocks than the target does as one. */
    private static final int TOO_LONG = Status.INVALID;
    private static final BdevEvents DEAF = () -> { };

    @Test
    void shouldGiveWhatWasWrittenWhenTheDiskIsOurOwnOverTcp() {
        SimWorld.run(1, SEEDS, this::play);
    }

    private void play(SimWorld world) throws Exception {
        var module = new NvmeModule();
        var driver = new PolledDriver(world.environment(), world.reactors());
        driver.add(new TcpFabrics(world.environment(), world.reactors()));
        module.setDriver(driver);
        try (SimStack stack = new SimStack(world, List.of(new MallocModule(), module), Bug.NONE)) {
            try {
                attached(world, stack);
            } finally {
                // Before the target goes: a driver that may look for it for ever does so while the world stands still around it.
                module.unsetDriver(driver);
                driver.close();
            }
        }
    }

    private static void attached(SimWorld world, SimStack stack) throws Exception {
        stack.call("bdev_malloc_create", Map.of("name", "Disk", "block_size", (long) BLOCK, "num_blocks", (long) BLOCKS));
        stack.call("nvmf_subsystem_add_ns", Map.of("nqn", Served.SUBSYSTEM, "namespace",
            Map.of("bdev_name", "Disk", "uuid", "6f7d1f6c-2f7e-4c57-9a2e-0a8a8e4d0001")));
        assertEquals(List.of("Nvme0n1"), stack.call("bdev_nvme_attach_controller", attachment(stack.port)));
        run(world, stack);
        stack.call("bdev_nvme_detach_controller", Map.of("name", "Nvme0"));
        assertTrue(stack.blockLayer.find("Nvme0n1").isEmpty());
    }

    private static Map<String, Object> attachment(int port) {
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("name", "Nvme0");
        call.put("trtype", "TCP");
        call.put("traddr", "127.0.0.1");
        call.put("trsvcid", Integer.toString(port));
        call.put("subnqn", Served.SUBSYSTEM);
        call.put("ctrlr_loss_timeout_sec", -1L);
        call.put("reconnect_delay_sec", 1L);
        return call;
    }

    private static void run(SimWorld world, SimStack stack) throws Exception {
        Reactor reactor = world.reactor(0);
        BdevDescriptor descriptor = stack.blockLayer.open("Nvme0n1", true, reactor, DEAF);
        BdevChannel channel = world.call(reactor, () -> descriptor.openChannel(reactor));
        Region memory = world.environment().memory().allocate("test", RandomIo.bytesNeeded(BLOCK, DEPTH));
        var load = new RandomIo(channel, new Model(0, BLOCKS, BLOCK, false), world.seed(), memory,
            IoMix.of(DEPTH, 400).tolerating(status -> status == CUT_OFF || status == TOO_LONG));
        world.on(reactor, load::start);
        world.runFor(1);
        reset(stack);
        world.until(load::isDone);
        world.on(reactor, channel::close);
        descriptor.close();
    }

    private static void reset(SimStack stack) throws StorageException {
        stack.call("bdev_nvme_reset_controller", Map.of("name", "Nvme0"));
    }
}
