package dev.karst.itests.stack;

import dev.karst.base.Mem;
import dev.karst.env.Environment;
import dev.karst.nvmf.NvmfConnection;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfQueue;
import dev.karst.nvmf.NvmfRequest;
import dev.karst.reactor.Reactors;
import java.util.function.Consumer;

/** The core of the target with a bug planted between it and the transport. */
record BuggyHost(NvmfHost host, Bug bug) implements NvmfHost {
    private static final int COMMANDS_BETWEEN = 37;
    private static final int FAILURE = 0x006;

    @Override
    public Environment environment() {
        return host.environment();
    }

    @Override
    public Reactors reactors() {
        return host.reactors();
    }

    @Override
    public NvmfQueue open(NvmfConnection connection) {
        return new Queue(host.open(connection));
    }

    private final class Queue extends NvmfQueue {
        private final NvmfQueue queue;
        private int commands;

        Queue(NvmfQueue queue) {
            this.queue = queue;
        }

        @Override
        public void prepare(NvmfRequest request) {
            queue.prepare(request);
        }

        @Override
        public boolean isAdmin() {
            return queue.isAdmin();
        }

        @Override
        public void arrived(NvmfRequest request) {
            queue.arrived(request);
        }

        @Override
        public void refuse(NvmfRequest request, int status) {
            queue.refuse(request, status);
        }

        @Override
        public void execute(NvmfRequest request) {
            int opcode = Mem.getU8(request.sqe);
            if (isAdmin() || opcode != 1 && opcode != 2 || ++commands % COMMANDS_BETWEEN != 0) {
                queue.execute(request);
                return;
            }
            switch (bug) {
                case NEVER_ANSWERED -> { }
                case WRITE_NOT_DONE, FAILED -> answer(request, bug == Bug.FAILED ? FAILURE : 0);
                case ANSWERED_TWICE -> {
                    answer(request, FAILURE);
                    request.respond();
                }
                case WRONG_BLOCK -> {
                    Mem.setLong(request.sqe + 40, Mem.getLong(request.sqe + 40) ^ 1);
                    queue.execute(request);
                }
                default -> queue.execute(request);
            }
        }

        @Override
        public boolean isHeld(NvmfRequest request) {
            return queue.isHeld(request);
        }

        @Override
        public byte[] handOver() {
            return queue.handOver();
        }

        @Override
        public void takeOver(byte[] state, Consumer<String> done) {
            queue.takeOver(state, done);
        }

        private static void answer(NvmfRequest request, int status) {
            request.status = status;
            request.answerLength = status == 0 && Mem.getU8(request.sqe) == 2 ? request.length : 0;
            request.respond();
        }

        @Override
        public void close() {
            if (bug != Bug.QUEUE_LEAKED || isAdmin()) {
                queue.close();
            }
        }
    }
}
