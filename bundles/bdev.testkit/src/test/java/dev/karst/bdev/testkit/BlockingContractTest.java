package dev.karst.bdev.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.BlockingBdev;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.RegisteringModule;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Devices by code that waits keep the contract of all modules; what such code gets wrong stays its own. */
class BlockingContractTest extends BdevModuleContract {
    private static final int BLOCK = 512;

    /** Such a module; what it stores lies in memory. */
    private static final class WaitingModule extends RegisteringModule {
        private final CountDownLatch gate;
        private final List<RpcMethod> methods = List.of(
            creates("waiting_create", "waiting-create", "Creates a device that waits", this::make, NEW_NAME, NEW_UUID),
            deletes("waiting_delete", "waiting-delete", "Deletes a device that waits"));

        WaitingModule(CountDownLatch gate) {
            super("waiting", null);
            this.gate = gate;
        }

        @Override
        public List<RpcMethod> methods() {
            return methods;
        }

        private ModuleBdev make(Creation creation) throws StorageException {
            Environment environment = creation.host().environment();
            Region region = environment.memory().named("waiting/" + creation.uuid(), BLOCK * BLOCKS);
            return new Device(environment, region, Geometry.of(creation.name(), creation.uuid(), "Waiting", BLOCK, BLOCKS), gate);
        }
    }

    private static final class Device extends BlockingBdev {
        private final Environment environment;
        private final Region region;
        private final CountDownLatch gate;

        Device(Environment environment, Region region, Geometry geometry, CountDownLatch gate) {
            super(environment, geometry);
            this.environment = environment;
            this.region = region;
            this.gate = gate;
        }

        /** With a gate, blocks 1 to 4 fail, throw, are not filled and wait. */
        @Override
        protected void read(long offset, ByteBuffer into) throws IOException, InterruptedException {
            int block = (int) (offset / BLOCK);
            if (gate != null && block == 1) {
                throw new IOException("the test says so");
            } else if (gate != null && block == 2) {
                into.position(into.limit() + 1);
            } else if (gate != null && block == 3) {
                return;
            } else if (gate != null && block == 4) {
                gate.await();
            }
            into.put(Mem.buffer(region.address() + offset, into.remaining()));
        }

        @Override
        protected void write(long offset, ByteBuffer from) {
            Mem.buffer(region.address() + offset, from.remaining()).put(from);
        }

        @Override
        public void destroy(boolean parked) {
            if (!parked) {
                environment.memory().free(region);
            }
        }
    }

    @Override
    protected BdevModule newModule() {
        return new WaitingModule(null);
    }

    @Override
    protected Call creation(String name) {
        return new Call("waiting_create", Map.of("name", name));
    }

    @Override
    protected String deletion() {
        return "waiting_delete";
    }

    @Override
    protected long bytesPerIo() {
        return 4096;
    }

    @Test
    void shouldFailOnlyTheIoWhoseCodeFails() throws Exception {
        try (var world = new SimWorld(1, 1)) {
            var stage = new BdevStage(world);
            stage.add(new WaitingModule(new CountDownLatch(1)));
            stage.call("waiting_create", "name", NAME);
            OpenBdev open = stage.open(NAME, world.reactor(0));
            Region memory = world.environment().memory().allocate("data", BLOCK);
            int[] expected = {Status.OK, Status.FAILED, Status.FAILED, Status.FAILED};
            for (int block = 0; block < expected.length; block++) {
                assertEquals(expected[block], open.move(IoType.READ, block, 1, memory), "block " + block);
            }
            open.close();
        }
    }

    @Test
    void shouldInterruptTheCodeWhenItsIoIsAborted() throws Exception {
        try (var real = new RealStage()) {
            BdevStage stage = real.stage();
            stage.add(new WaitingModule(new CountDownLatch(1)));
            stage.call("waiting_create", "name", NAME);
            OpenBdev open = stage.open(NAME, real.reactor());
            Region memory = stage.environment().memory().allocate("data", BLOCK);
            Probe waits = new Probe().wants(IoType.READ, 4, 1).at(memory.address(), BLOCK);
            open.submit(waits);
            Probe abort = new Probe().wants(IoType.ABORT, 0, 0);
            abort.victim = waits;
            open.submit(abort);
            stage.until(waits::hasEnded);
            assertEquals(Status.ABORTED, waits.status());
            open.close();
        }
    }
}
