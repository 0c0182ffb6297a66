package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.karst.base.Mem;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.testkit.StubBdevs;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfConnection;
import dev.karst.nvmf.NvmfQueue;
import dev.karst.nvmf.NvmfRequest;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.core.model.AnaState;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.SizeLimits;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.reactor.sim.StandInReactors;
import dev.karst.rpc.RpcChecks;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvmf.FabricsCommand;
import dev.karst.spec.nvmf.PropertyCommand;
import dev.karst.spec.nvme.nvm.CopyCommand;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A read and a write allocate nothing on their way through the core. The times are told, and not judged. */
class AllocationTest {
    private static final int DEPTH = 32;
    private static final int DATA = 4096;
    /** In place of an opcode: Compare and Write, fused. */
    private static final int FUSED = -1;
    private static final int WARM_UP = 300_000;
    private static final int MEASURED = 300_000;
    private static final int ROUNDS = 8;
    private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final System.Logger LOG = System.getLogger(AllocationTest.class.getName());

    private static int answered;

    /** Sends itself again whenever it is answered. */
    private static final class Again extends NvmfRequest {
        private boolean idle = true;

        Again(long address) {
            sqe = address;
            data.set(address + Sqe.BYTES, DATA);
        }

        @Override
        public void respond() {
            assert status == 0 : "a command failed";
            answered++;
            idle = true;
        }
    }

    /** Nothing but a reactor and a listener. */
    private static final class Plain extends NvmfConnection {
        private final Reactor reactor;
        boolean released;
        NvmfQueue queue;

        Plain(Reactor reactor) {
            this.reactor = reactor;
        }

        @Override
        public Reactor reactor() {
            return reactor;
        }

        @Override
        public ListenAddress listener() {
            return Stage.listener();
        }

        @Override
        public String peer() {
            return "127.0.0.1:1";
        }

        @Override
        public TransportOptions options() {
            return FakeTransport.OPTIONS;
        }

        @Override
        public void connected(int qid, int entries) {}

        @Override
        public void disconnect(String why) {
            queue.close();
        }

        @Override
        public void released() {
            released = true;
        }
    }

    @Test
    void shouldAllocateNothingForReadsInTheCore() throws Exception {
        measure("read, core alone", Opcode.NVM_READ, false, Integer.MAX_VALUE);
    }

    @Test
    void shouldAllocateNothingForWritesInTheCore() throws Exception {
        measure("write, core alone", Opcode.NVM_WRITE, false, Integer.MAX_VALUE);
    }

    @Test
    void shouldAllocateNothingWhenHalfOfThemWaitForRoom() throws Exception {
        measure("read, core alone, half of them waiting", Opcode.NVM_READ, false, DEPTH / 2);
    }

    @Test
    void shouldAllocateNothingForReadsOfMemory() throws Exception {
        measure("4 KiB read, core, block layer and malloc", Opcode.NVM_READ, true, 0);
    }

    @Test
    void shouldAllocateNothingForComparisonsInTheCore() throws Exception {
        measure("compare, core alone", Opcode.NVM_COMPARE, false, DEPTH / 2);
    }

    @Test
    void shouldAllocateNothingForCopiesInTheCore() throws Exception {
        measure("copy, core alone", Opcode.NVM_COPY, false, DEPTH / 2);
    }

    @Test
    void shouldAllocateNothingForFusedPairsInTheCore() throws Exception {
        measure("fused compare and write, core alone", FUSED, false, DEPTH / 2);
    }

    private static void measure(String how, int opcode, boolean real, int room) throws Exception {
        try (var world = new SimWorld(1, 1)) {
            var reactors = new StandInReactors(world.reactor(0));
            var stub = new StubBdevs();
            stub.room = room;
            BdevRegistry bdevs = real ? malloc(world, reactors) : stub;
            var target = new NvmfTarget(world.environment(), reactors, bdevs);
            var connection = connect(world, target, reactors);
            Again[] requests = requests(world, connection.queue, opcode);
            turn(reactors, stub, connection.queue, requests, WARM_UP);
            long leastBytes = Long.MAX_VALUE;
            long leastNanos = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long nanos = BEAN.getCurrentThreadCpuTime();
                long bytes = BEAN.getCurrentThreadAllocatedBytes();
                turn(reactors, stub, connection.queue, requests, MEASURED);
                leastBytes = Math.min(leastBytes, BEAN.getCurrentThreadAllocatedBytes() - bytes);
                leastNanos = Math.min(leastNanos, BEAN.getCurrentThreadCpuTime() - nanos);
            }
            LOG.log(Level.INFO, "{0}: {1} bytes in {2} commands, {3} ns each{4}", how, leastBytes, MEASURED,
                leastNanos / MEASURED, Mem.CHECKED ? " with every access checked" : "");
            assertEquals(0, leastBytes, how);
        }
    }

    private static BdevRegistry malloc(SimWorld world, StandInReactors reactors) throws Exception {
        var layer = new BlockLayer(world.environment(), reactors);
        var module = new MallocModule();
        layer.addModule(module);
        var create = module.methods().getFirst();
        create.handler().call(RpcChecks.check(create, Map.of("name", "stub", "num_blocks", 8192L, "block_size", 512L)));
        return layer;
    }

    private static Plain connect(SimWorld world, NvmfTarget target, StandInReactors reactors) throws Exception {
        var transport = new FakeTransport();
        target.addProvider(transport);
        target.createTransport("TCP", FakeTransport.OPTIONS);
        target.createSubsystem(new Subsystem.Spec(Stage.NQN, "1", "Karst", 4, 1, 100, false, SizeLimits.USUAL, false), true);
        Subsystem subsystem = target.subsystem(Stage.NQN);
        target.namespaces.add(subsystem, new Namespace.Spec(1, "stub", null, null, null, 0, false, false, null));
        target.listeners.add(subsystem, Stage.listener(), null, AnaState.OPTIMIZED);
        Plain admin = queue(world, target, reactors, 0, 0xffff);
        return queue(world, target, reactors, 1, 1);
    }

    private static Plain queue(SimWorld world, NvmfTarget target, StandInReactors reactors, int qid, int cntlid)
        throws Exception {
        var connecting = new Host.Connecting();
        connecting.qid = qid;
        connecting.cntlid = cntlid;
        var connection = new Plain(reactors.only());
        connection.queue = target.open(connection);
        var request = new Again(world.environment().memory().allocate("connect", 8192).address());
        connection.queue.prepare(request);
        Sqe.PSDT.set(request.sqe, Sqe.PSDT_SGL);
        connecting.command(request.sqe);
        request.length = 1024;
        Mem.put(request.data.address(0), connecting.data(), 0, 1024);
        connection.queue.execute(request);
        if (qid == 0) {
            FabricsCommand.FCTYPE.set(request.sqe, FabricsCommand.PROPERTY_SET);
            PropertyCommand.OFST.set(request.sqe, Property.CC);
            PropertyCommand.VALUE.set(request.sqe, Host.CC_ENABLE);
            PropertyCommand.ATTRIB.set(request.sqe, 0);
            connection.queue.execute(request);
        }
        return connection;
    }

    private static void compose(long sqe, int opcode, int index) {
        if (opcode == FUSED) {
            boolean first = index % 2 == 0;
            Host.transfer(sqe, first ? Opcode.NVM_COMPARE : Opcode.NVM_WRITE, index / 2 * 8L, 8);
            Sqe.FUSE.set(sqe, first ? Sqe.FUSE_FIRST : Sqe.FUSE_SECOND);
        } else {
            Host.transfer(sqe, opcode, index * 8L, 8);
        }
        if (opcode == Opcode.NVM_COPY) {
            CopyCommand.DESFMT.set(sqe, 0);
            CopyCommand.NR.set(sqe, 1);
            byte[] ranges = NvmCommandsTest.sources(4000, 4, 4100, 3);
            Mem.put(sqe + Sqe.BYTES, ranges, 0, ranges.length);
        }
    }

    private static Again[] requests(SimWorld world, NvmfQueue queue, int opcode) throws Exception {
        var requests = new Again[DEPTH];
        for (int i = 0; i < DEPTH; i++) {
            var request = new Again(world.environment().memory().allocate("data", Sqe.BYTES + DATA).address());
            compose(request.sqe, opcode, i);
            Sqe.PSDT.set(request.sqe, Sqe.PSDT_SGL);
            Sqe.CID.set(request.sqe, i);
            request.length = DATA;
            queue.prepare(request);
            requests[i] = request;
        }
        return requests;
    }

    private static void turn(StandInReactors reactors, StubBdevs stub, NvmfQueue queue, Again[] requests, int count) {
        int end = answered + count;
        while (answered < end) {
            for (Again request : requests) {
                if (request.idle) {
                    request.idle = false;
                    if (Sqe.FUSE.get(request.sqe) != 0) {
                        queue.arrived(request);
                    }
                    queue.execute(request);
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
