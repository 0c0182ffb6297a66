package dev.karst.nvmf.tcp;

import dev.karst.base.Mem;
import dev.karst.env.Environment;
import dev.karst.nvmf.NvmfConnection;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfQueue;
import dev.karst.nvmf.NvmfRequest;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;
import java.util.HashSet;
import java.util.Set;

/** A core that answers at once, notes what it was given of each command, and may have a bug planted in front of it. */
final class JudgingTarget implements NvmfHost {
    /** What is planted between transport and core, as if the transport did it. */
    enum Planted {
        NONE,
        REFUSED_IS_EXECUTED,
        DIGEST_IS_IGNORED,
        NOT_ANNOUNCED,
        LENGTH_IS_OFF,
        DATA_IS_SPOILT,
        NEVER_ANSWERED,
        ANSWERED_TWICE,
        QUEUE_IS_KEPT
    }

    /** What has become of the last commands. */
    static final class Notes {
        int executed;
        int refused;
        int announced;
        /** Identifiers of commands that are accepted and not answered. */
        final Set<Integer> inFlight = new HashSet<>();
        /** The first that was wrong, or null. */
        String wrong;
    }

    /** Judges a command that is executed: null, or what is wrong. */
    @FunctionalInterface
    interface Judge {
        String of(TcpRequest request);
    }

    private final SimWorld world;
    private final Planted planted;
    Notes notes;
    Judge judge;
    int opened;
    int released;

    JudgingTarget(SimWorld world, Planted planted) {
        this.world = world;
        this.planted = planted;
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

        Queue(NvmfConnection connection) {
            this.connection = connection;
        }

        @Override
        public void prepare(NvmfRequest request) {
            // There is nothing to give it.
        }

        @Override
        public boolean isAdmin() {
            return false;
        }

        @Override
        public void arrived(NvmfRequest request) {
            notes.announced += planted == Planted.NOT_ANNOUNCED ? 0 : 1;
        }

        @Override
        public void refuse(NvmfRequest request, int status) {
            boolean ignored = planted == Planted.DIGEST_IS_IGNORED && status == NvmeStatus.TRANSIENT_TRANSPORT_ERROR;
            if (planted == Planted.REFUSED_IS_EXECUTED || ignored) {
                execute(request);
                return;
            }
            notes.refused++;
            if (status != NvmeStatus.COMMAND_ID_CONFLICT) {
                notes.inFlight.remove(Sqe.CID.get(request.sqe));
            }
            request.status = status;
            request.respond();
        }

        @Override
        public void execute(NvmfRequest request) {
            if (Sqe.OPC.get(request.sqe) == 0x7f && !connected(request)) {
                return;
            }
            plant(request);
            notes.executed++;
            notes.inFlight.remove(Sqe.CID.get(request.sqe));
            String wrong = judge.of((TcpRequest) request);
            notes.wrong = notes.wrong == null ? wrong : notes.wrong;
            if (Sqe.OPC.get(request.sqe) == 2) {
                request.answerLength = request.length;
            }
            if (planted == Planted.NEVER_ANSWERED && Sqe.OPC.get(request.sqe) == 1) {
                return;
            }
            request.respond();
            if (planted == Planted.ANSWERED_TWICE) {
                request.respond();
            }
        }

        /** A Connect as hosts send it is no part of what is judged; gives whether it is something else. */
        private boolean connected(NvmfRequest request) {
            if (Mem.getInt(request.sqe + 4) == 1 && request.length == 1024 && Mem.getInt(request.sqe + 56) == 0) {
                connection.connected(Mem.getU16(request.sqe + 42), Mem.getU16(request.sqe + 44) + 1);
                request.respond();
                return false;
            }
            return true;
        }

        private void plant(NvmfRequest request) {
            if (planted == Planted.LENGTH_IS_OFF && request.length > 0) {
                request.length--;
            } else if (planted == Planted.DATA_IS_SPOILT && request.data.count() > 0) {
                Mem.setByte(request.data.address(0), (byte) ~Mem.getByte(request.data.address(0)));
            }
        }

        @Override
        public void close() {
            if (planted != Planted.QUEUE_IS_KEPT) {
                released++;
                connection.released();
            }
        }
    }
}
