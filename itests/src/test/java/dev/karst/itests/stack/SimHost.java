package dev.karst.itests.stack;

import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SimWire;
import dev.karst.reactor.sim.SimWorld;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A host in a simulated world: an admin queue and I/O queues that do I/O. */
final class SimHost implements AutoCloseable {
    private static final int PATIENCE = 20;

    private final SimWorld world;
    private final SimStack stack;
    final List<SimQueue> queues = new ArrayList<>();
    private NvmeTcpHost admin;

    SimHost(SimWorld world, SimStack stack) {
        this.world = world;
        this.stack = stack;
    }

    /** Connects, again if the world does not let it; with an I/O queue for each model. Returns whether it succeeded. */
    boolean connect(List<BlockModel> models, int depth) throws Exception {
        for (int attempt = 0; attempt < PATIENCE; attempt++) {
            try {
                admin = stack.host();
                admin.initialize(false, false);
                expectSuccess(admin.connect(Served.SUBSYSTEM, Served.HOST, 0, 32));
                admin.enable();
                for (BlockModel model : models) {
                    addQueue(model, depth);
                }
                return true;
            } catch (IOException e) {
                close();
            }
        }
        return false;
    }

    private void addQueue(BlockModel model, int depth) throws Exception {
        SimWire wire = new SimWire(world, stack.port);
        try {
            NvmeTcpHost io = new NvmeTcpHost(wire);
            int digests = world.random().below(4);
            io.initialize((digests & 1) != 0, (digests & 2) != 0);
            io.controllerId(admin.controllerId());
            expectSuccess(io.connect(Served.SUBSYSTEM, Served.HOST, queues.size() + 1, 128));
            queues.add(new SimQueue(world, wire, model, depth, digests));
        } catch (IOException e) {
            wire.close();
            throw e;
        }
    }

    /** While connections are cut, the controller may have gone before its queue comes. */
    private static void expectSuccess(NvmeTcpHost.Completion completion) throws IOException {
        if (completion.status() != 0) {
            throw new IOException("Connect ended with status " + Integer.toHexString(completion.status()));
        }
    }

    @Override
    public void close() throws IOException {
        for (SimQueue queue : queues) {
            queue.close();
        }
        queues.clear();
        if (admin != null) {
            admin.close();
            admin = null;
        }
    }
}
