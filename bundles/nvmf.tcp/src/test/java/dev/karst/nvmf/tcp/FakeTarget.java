package dev.karst.nvmf.tcp;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import dev.karst.nvmf.NvmfConnection;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfQueue;
import dev.karst.nvmf.NvmfRequest;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.Timer;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A core that knows just enough: Connect, and reads and writes of one small disk, answered at once or later as the world's
 * chance says. It holds the transport to its contract.
 */
final class FakeTarget implements NvmfHost {
    static final int BLOCK_BYTES = 512;
    static final int BLOCKS = 2048;
    /** A command that waits for ever. */
    static final int EVENT_REQUEST = 0x0c;

    private final SimWorld world;
    final byte[] disk = new byte[BLOCKS * BLOCK_BYTES];
    /** Identifiers of the commands that were announced, in order. */
    final List<Integer> arrived = new ArrayList<>();
    /** Identifiers of all that were executed, in order. */
    final List<Integer> executed = new ArrayList<>();
    int released;
    int shown;
    int opened;
    boolean refusesHandOver;
    boolean refusesTakeOver;

    FakeTarget(SimWorld world) {
        this.world = world;
    }

    @Override
    public Environment environment() {
        return world.environment();
    }

    @Override
    public Reactors reactors() {
        return world.reactors();
    }

    @Override
    public NvmfQueue open(NvmfConnection connection) {
        opened++;
        return new Queue(connection);
    }

    private final class Queue extends NvmfQueue {
        private final NvmfConnection connection;
        private final Set<NvmfRequest> prepared = new HashSet<>();
        private final Set<NvmfRequest> executing = new HashSet<>();
        private final Set<NvmfRequest> held = new HashSet<>();
        private int qid = -1;
        private int entries;
        private boolean closed;

        Queue(NvmfConnection connection) {
            this.connection = connection;
        }

        @Override
        public void prepare(NvmfRequest request) {
            check(prepared.add(request), "a request was prepared twice");
        }

        @Override
        public boolean isAdmin() {
            return false;
        }

        @Override
        public void arrived(NvmfRequest request) {
            check(prepared.contains(request) && !executing.contains(request), "a command came that is executed already");
            arrived.add(Sqe.CID.get(request.sqe));
        }

        @Override
        public void refuse(NvmfRequest request, int status) {
            check(!closed, "a command on a closed queue");
            request.status = status;
            request.respond();
        }

        @Override
        public void execute(NvmfRequest request) {
            check(!closed, "a command on a closed queue");
            check(prepared.contains(request), "a request was not prepared");
            check(executing.add(request), "a request is executed twice");
            executed.add(Sqe.CID.get(request.sqe));
            check(request.data.bytes() == request.length, "the data is not as long as said");
            if (Sqe.OPC.get(request.sqe) == EVENT_REQUEST) {
                held.add(request);
                return;
            }
            if (world.random().oneIn(2)) {
                finish(request);
                return;
            }
            connection.reactor().schedule(new Timer() {
                @Override
                public void expired() {
                    finish(request);
                }
            }, 1 + world.random().below(200_000));
        }

        private void finish(NvmfRequest request) {
            executing.remove(request);
            if (!closed) {
                run(request);
            }
            request.respond();
            releaseIfDone();
        }

        private void run(NvmfRequest request) {
            int offset = (int) Sqe.CDW10.get(request.sqe) * BLOCK_BYTES;
            switch (Sqe.OPC.get(request.sqe)) {
                case 0x7f -> connected(Mem.getU16(request.sqe + 42), Mem.getU16(request.sqe + 44) + 1);
                case 0x01 -> copy(request, offset, true);
                case 0x02 -> read(request, offset);
                case 0x00 -> request.result = 0;
                default -> request.status = NvmeStatus.INVALID_COMMAND_OPCODE;
            }
        }

        private void connected(int qid, int entries) {
            this.qid = qid;
            this.entries = entries;
            connection.connected(qid, entries);
        }

        @Override
        public boolean isHeld(NvmfRequest request) {
            return held.contains(request);
        }

        @Override
        public byte[] handOver() {
            check(!closed && executing.equals(held), "handed over while commands are executed");
            if (refusesHandOver) {
                return null;
            }
            closed = true;
            released++;
            return qid < 0 ? new byte[0] : new byte[] {(byte) qid, (byte) entries};
        }

        @Override
        public void takeOver(byte[] state, Consumer<String> done) {
            if (refusesTakeOver) {
                done.accept("the fake target refuses");
                return;
            }
            if (state.length > 0) {
                connected(state[0], state[1]);
            }
            if (world.random().oneIn(2)) {
                done.accept(null);
            } else {
                connection.reactor().execute(() -> done.accept(closed ? "it was closed" : null));
            }
        }

        /** Zeros are told of, other data is shown at times: neither is put into the memory, which holds something else then. */
        private void read(NvmfRequest request, int offset) {
            request.answerLength = request.length;
            request.zeros = request.takesZeros && isZero(offset, request.length);
            if (!request.zeros && request.takesView && world.random().oneIn(2)) {
                show(request, offset);
            }
            if (request.zeros || request.view.address() != 0) {
                for (int i = 0; i < request.data.count(); i++) {
                    Mem.fill(request.data.address(i), request.data.length(i), (byte) 0x5a);
                }
            } else {
                copy(request, offset, false);
            }
        }

        /** In memory that is there as long as it is held. */
        private void show(NvmfRequest request, int offset) {
            Memory memory = world.environment().memory();
            try {
                Region region = memory.allocate("shown", request.length);
                Mem.put(region.address(), disk, offset, request.length);
                request.view.show(region, region.address());
                memory.free(region);
                shown++;
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
        }

        private boolean isZero(int offset, int length) {
            int at = offset;
            while (at < offset + length && disk[at] == 0) {
                at++;
            }
            return at == offset + length;
        }

        private void copy(NvmfRequest request, int offset, boolean write) {
            for (int i = 0; i < request.data.count(); i++) {
                if (write) {
                    Mem.get(request.data.address(i), disk, offset, request.data.length(i));
                } else {
                    Mem.put(request.data.address(i), disk, offset, request.data.length(i));
                }
            }
        }

        @Override
        public void close() {
            check(!closed, "a queue is closed twice");
            closed = true;
            held.clear();
            for (NvmfRequest request : List.copyOf(executing)) {
                if (Sqe.OPC.get(request.sqe) == EVENT_REQUEST) {
                    executing.remove(request);
                    request.respond();
                }
            }
            releaseIfDone();
        }

        private void releaseIfDone() {
            if (closed && executing.isEmpty()) {
                released++;
                connection.released();
            }
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
