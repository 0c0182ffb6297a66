package dev.karst.scsi.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.karst.base.Mem;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.testkit.StubBdevs;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.reactor.sim.StandInReactors;
import dev.karst.rpc.RpcChecks;
import dev.karst.scsi.InitiatorPort;
import dev.karst.scsi.NexusOwner;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiTask;
import dev.karst.spec.scsi.Cdb10;
import dev.karst.spec.scsi.Cdb16;
import dev.karst.spec.scsi.Opcode;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A read and a write allocate nothing on their way through the device. The times are told, and not judged. */
class AllocationTest {
    private static final int DEPTH = 32;
    private static final int DATA = 4096;
    private static final int BLOCKS = DATA / 512;
    private static final int WARM_UP = 300_000;
    private static final int MEASURED = 300_000;
    private static final int ROUNDS = 8;
    private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final System.Logger LOG = System.getLogger(AllocationTest.class.getName());

    private static int answered;

    /** May be sent again whenever it is answered. */
    private static final class Again extends ScsiTask {
        private boolean idle = true;

        Again(long address) {
            cdb = address;
            cdbBytes = 16;
            sense = address + 64;
            attribute = SIMPLE;
            data.set(address + 128, DATA);
        }

        @Override
        public void respond() {
            assert status == 0 : "a command failed";
            AllocationTest.answered++;
            idle = true;
        }

        @Override
        public void aborted() {
            throw new AssertionError("nobody aborts");
        }
    }

    private static final class Owner implements NexusOwner {
        @Override
        public int maxTransferBytes() {
            return 1 << 20;
        }

        @Override
        public void attention(int lun, int asc) {}

        @Override
        public void abortWaiting(int lun, boolean told) {}

        @Override
        public void released() {}
    }

    @Test
    void shouldAllocateNothingForReads() throws Exception {
        measure("READ (10)", Opcode.READ_10, false, Integer.MAX_VALUE);
    }

    @Test
    void shouldAllocateNothingForWrites() throws Exception {
        measure("WRITE (16)", Opcode.WRITE_16, false, Integer.MAX_VALUE);
    }

    @Test
    void shouldAllocateNothingWhenHalfOfThemWaitForRoom() throws Exception {
        measure("READ (10), half of them waiting", Opcode.READ_10, false, DEPTH / 2);
    }

    @Test
    void shouldAllocateNothingForCompareAndWrite() throws Exception {
        measure("COMPARE AND WRITE", Opcode.COMPARE_AND_WRITE, false, Integer.MAX_VALUE);
    }

    @Test
    void shouldAllocateNothingForReadsOfMemory() throws Exception {
        measure("READ (10), device, block layer and malloc", Opcode.READ_10, true, 0);
    }

    private static void measure(String how, int opcode, boolean real, int room) throws Exception {
        try (var world = new SimWorld(1, 1)) {
            var reactors = new StandInReactors(world.reactor(0));
            var stub = new StubBdevs();
            stub.room = room;
            var devices = new Devices(world.environment(), reactors, real ? malloc(world, reactors) : stub);
            ScsiDevice device = devices.create(Stage.NAME);
            device.addPort(Stage.PORT);
            device.addUnit(0, "stub");
            var initiator = new InitiatorPort("one", FakeInitiator.transportId("one"));
            ScsiNexus nexus = device.open(initiator, Stage.PORT, reactors.only(), new Owner());
            Again[] tasks = tasks(world, nexus, opcode);
            takeAttention(nexus, tasks[0]);
            compose(tasks[0], opcode, 0);
            turn(reactors, stub, nexus, tasks, WARM_UP);
            long leastBytes = Long.MAX_VALUE;
            long leastNanos = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long nanos = BEAN.getCurrentThreadCpuTime();
                long bytes = BEAN.getCurrentThreadAllocatedBytes();
                turn(reactors, stub, nexus, tasks, MEASURED);
                leastBytes = Math.min(leastBytes, BEAN.getCurrentThreadAllocatedBytes() - bytes);
                leastNanos = Math.min(leastNanos, BEAN.getCurrentThreadCpuTime() - nanos);
            }
            LOG.log(Level.INFO, "{0}: {1} bytes in {2} commands, {3} ns each{4}", how, leastBytes, MEASURED,
                leastNanos / MEASURED, Mem.CHECKED ? " with every access checked" : "");
            assertEquals(0, leastBytes, how);
        }
    }

    /** The unit attention of a new nexus: REQUEST SENSE. */
    private static void takeAttention(ScsiNexus nexus, Again task) {
        Mem.fill(task.cdb, 16, (byte) 0);
        Mem.setByte(task.cdb, (byte) Opcode.REQUEST_SENSE);
        Mem.setByte(task.cdb + 4, (byte) 18);
        task.room = 18;
        task.sent = 0;
        nexus.execute(task);
    }

    private static BdevRegistry malloc(SimWorld world, StandInReactors reactors) throws Exception {
        var layer = new BlockLayer(world.environment(), reactors);
        var module = new MallocModule();
        layer.addModule(module);
        var create = module.methods().getFirst();
        create.handler().call(RpcChecks.check(create, Map.of("name", "stub", "num_blocks", 8192L, "block_size", 512L)));
        return layer;
    }

    private static void compose(Again task, int opcode, int index) {
        Mem.fill(task.cdb, 16, (byte) 0);
        Mem.setByte(task.cdb, (byte) opcode);
        boolean reads = opcode == Opcode.READ_10;
        if (reads) {
            Cdb10.LOGICAL_BLOCK_ADDRESS.set(task.cdb, (long) index * BLOCKS);
            Cdb10.TRANSFER_LENGTH.set(task.cdb, BLOCKS);
        } else {
            Cdb16.LOGICAL_BLOCK_ADDRESS.set(task.cdb, (long) index * BLOCKS);
            Cdb16.TRANSFER_LENGTH.set(task.cdb, opcode == Opcode.WRITE_16 ? BLOCKS : BLOCKS / 2);
        }
        task.room = reads ? DATA : 0;
        task.sent = reads ? 0 : DATA;
    }

    private static Again[] tasks(SimWorld world, ScsiNexus nexus, int opcode) throws Exception {
        var tasks = new Again[DEPTH];
        for (int i = 0; i < DEPTH; i++) {
            tasks[i] = new Again(world.environment().memory().allocate("data", 128 + DATA).address());
            nexus.prepare(tasks[i]);
            compose(tasks[i], opcode, i);
        }
        return tasks;
    }

    private static void turn(StandInReactors reactors, StubBdevs stub, ScsiNexus nexus, Again[] tasks, int count) {
        int end = answered + count;
        while (answered < end) {
            for (Again task : tasks) {
                if (task.idle) {
                    task.idle = false;
                    nexus.execute(task);
                }
            }
            reactors.only().runAll();
            if (stub.waiting != null) {
                var waiting = stub.waiting;
                stub.waiting = null;
                waiting.available();
            }
        }
    }
}
