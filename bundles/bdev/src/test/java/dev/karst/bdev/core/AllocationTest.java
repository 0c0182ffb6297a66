package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.karst.base.Status;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.measure.Latencies;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.reactor.sim.StandInReactors;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An I/O allocates nothing on its way down and up, whether the module is done at once or later. */
class AllocationTest {
    private static final int DEPTH = 32;
    private static final int WARM_UP = 200_000;
    private static final int MEASURED = 200_000;
    private static final int ROUNDS = 8;
    private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final System.Logger LOG = System.getLogger(AllocationTest.class.getName());

    /** Done at once. */
    private static final class AtOnce extends ModuleChannel {
        @Override
        public int submit(BdevIo io) {
            io.complete(Status.OK);
            return Status.OK;
        }

        @Override
        public void close() {}
    }

    /** Done when it is polled, the newest first. */
    private static final class Later extends ModuleChannel {
        private final BdevIo[] inside = new BdevIo[DEPTH];
        private final int room;
        private int count;

        Later(int room) {
            this.room = room;
        }

        @Override
        public int submit(BdevIo io) {
            if (count == room) {
                return Status.NO_RESOURCE;
            }
            inside[count++] = io;
            return Status.OK;
        }

        void poll() {
            int most = count;
            while (most-- > 0 && count > 0) {
                inside[--count].complete(Status.OK);
            }
        }

        @Override
        public void close() {}
    }

    private static final class Stub extends ModuleBdev {
        private final ModuleChannel channel;

        Stub(ModuleChannel channel) {
            super(Geometry.of("stub", new UUID(1, 1), "Stub", 512, 1 << 20));
            this.channel = channel;
        }

        @Override
        public boolean supports(IoType type) {
            return type == IoType.READ || type == IoType.WRITE;
        }

        @Override
        public int compareAndWriteBlocks() {
            return 8;
        }

        @Override
        public ModuleChannel openChannel(Reactor reactor) {
            return channel;
        }

        @Override
        public void destroy(boolean parked) {}
    }

    /** Submits itself again whenever it has ended. */
    private static final class Again extends BdevIo {
        static int ended;
        private BdevChannel channel;
        private boolean idle = true;

        Again(int number, IoType type) {
            super(1);
            this.type = type;
            offsetBlocks = number * 8L;
            sourceBlock = offsetBlocks + 8 * DEPTH;
            blocks = 8;
            compare = data;
        }

        void submit() {
            idle = channel.submit(this) != Status.OK;
        }

        @Override
        protected void ended(int status) {
            assertEquals(Status.OK, status);
            ended++;
            idle = true;
        }
    }

    @Test
    void shouldAllocateNothingWhenTheModuleIsDoneAtOnce() throws Exception {
        measure("at once", IoType.READ, new AtOnce(), () -> { });
    }

    @Test
    void shouldAllocateNothingWhenTheModuleIsDoneLater() throws Exception {
        var later = new Later(DEPTH);
        measure("later", IoType.READ, later, later::poll);
    }

    @Test
    void shouldAllocateNothingWhenTheModuleIsDoneLaterAndShortOfRoom() throws Exception {
        var later = new Later(DEPTH / 2);
        measure("later, half of them waiting", IoType.READ, later, later::poll);
    }

    @ParameterizedTest
    @EnumSource(value = IoType.class, names = {"COMPARE", "COMPARE_AND_WRITE", "COPY", "VERIFY"})
    void shouldAllocateNothingWhenTheTypeIsEmulated(IoType type) throws Exception {
        var later = new Later(DEPTH);
        measure(type + " emulated", type, later, later::poll);
    }

    @Test
    void shouldAllocateNothingWhenLatenciesAreMeasured() throws Exception {
        var later = new Later(DEPTH);
        measure("measured", IoType.READ, later, later::poll, layer -> layer.lanes().measureLatencies(
            layer.findPresent("stub").orElseThrow(), new Latencies.Settings(null, 7, 1000, 1_000_000_000)));
    }

    /** Something that is set at a block layer. */
    private interface Setting {
        void set(BlockLayer layer) throws Exception;
    }

    private static void measure(String how, IoType type, ModuleChannel channel, Runnable poll) throws Exception {
        measure(how, type, channel, poll, _ -> { });
    }

    private static void measure(String how, IoType type, ModuleChannel channel, Runnable poll, Setting setting)
        throws Exception {
        try (var world = new SimWorld(1, 1)) {
            // A reactor stands in for the simulated one: what the simulator does around a round allocates.
            var stand = new StandInReactors(world.reactor(0));
            var layer = new BlockLayer(world.environment(), stand);
            var module = new ScriptedModule("stub", new ScriptedModule.Script(world.random()), new HashMap<>());
            layer.addModule(module);
            var stub = new Stub(channel);
            module.host.register(stub, ScriptedModule.record(stub.geometry()));
            setting.set(layer);
            BdevDescriptor descriptor = layer.open("stub", true, stand.only(), new Bench.Told());
            Again[] ios = ios(descriptor.openChannel(stand.only()), world, type);
            ios[0].submit();
            world.settle(1);
            turn(stand, ios, poll, WARM_UP);
            report(how, stand, ios, poll);
        }
    }

    /** Of several rounds the best counts: in others the JVM itself may allocate, as when it compiles anew. */
    private static void report(String how, StandInReactors stand, Again[] ios, Runnable poll) {
        long leastBytes = Long.MAX_VALUE;
        long leastNanos = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long nanos = cpu();
            long bytes = bytes();
            turn(stand, ios, poll, MEASURED);
            leastBytes = Math.min(leastBytes, bytes() - bytes);
            leastNanos = Math.min(leastNanos, cpu() - nanos);
        }
        LOG.log(Level.INFO, "{0}: {1} bytes in {2} I/Os, {3} ns each", how, leastBytes, MEASURED,
            leastNanos / MEASURED);
        assertEquals(0, leastBytes, "bytes in " + MEASURED + " I/Os, " + how);
    }

    private static Again[] ios(BdevChannel channel, SimWorld world, IoType type) throws Exception {
        long address = world.environment().memory().allocate("data", 4096).address();
        var ios = new Again[DEPTH];
        for (int i = 0; i < DEPTH; i++) {
            ios[i] = new Again(i, type);
            ios[i].channel = channel;
            ios[i].data.set(address, 4096);
        }
        return ios;
    }

    private static void turn(StandInReactors stand, Again[] ios, Runnable poll, int count) {
        int end = Again.ended + count;
        while (Again.ended < end) {
            for (Again io : ios) {
                if (io.idle) {
                    io.submit();
                }
            }
            poll.run();
            stand.only().runAll();
        }
    }

    private static long bytes() {
        return BEAN.getCurrentThreadAllocatedBytes();
    }

    private static long cpu() {
        return BEAN.getCurrentThreadCpuTime();
    }
}
