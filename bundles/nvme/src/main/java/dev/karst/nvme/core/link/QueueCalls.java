package dev.karst.nvme.core.link;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.nvme.Command;
import dev.karst.nvme.NvmeException;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.Reply;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.concurrent.CompletableFuture;

/** Commands of the control plane: each is given to a queue and waited for. Control threads. */
public final class QueueCalls {
    private static final long FULL_NANOS = 1_000_000;
    /** Memory pairs of a call's buffer. */
    private static final int SEGMENTS = 1;

    /** Reads the answer where it lies; the memory is given back after it. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(long result, long address) throws StorageException;
    }

    private final Environment environment;
    private final Reactors reactors;

    public QueueCalls(Environment environment, Reactors reactors) {
        this.environment = environment;
        this.reactors = reactors;
    }

    /** Does the command on the queue. Same errors as {@link dev.karst.nvme.NvmeController#admin}. */
    public Reply call(TransportQueue queue, Command command, long timeoutMs) throws StorageException {
        return call(queue, command, timeoutMs, (result, address) -> {
            byte[] data = new byte[command.replyBytes()];
            if (data.length > 0) {
                Mem.get(address, data, 0, data.length);
            }
            return new Reply(result, data);
        });
    }

    /** Does the command on the queue and reads its answer in place. */
    public <T> T call(TransportQueue queue, Command command, long timeoutMs, Reader<T> reader) throws StorageException {
        return call(queue, false, command, timeoutMs, reader);
    }

    /** Does the command that makes the other side take others, on a queue that users are refused on until then. Gives the result. */
    public long first(TransportQueue queue, Command command, long timeoutMs) throws StorageException {
        return call(queue, true, command, timeoutMs, (result, address) -> result);
    }

    private <T> T call(TransportQueue queue, boolean first, Command command, long timeoutMs, Reader<T> reader) throws StorageException {
        int bytes = command.data() == null ? command.replyBytes() : command.data().length;
        Region buffer = bytes == 0 ? null : environment.memory().allocate("nvme call", bytes);
        if (command.data() != null && bytes > 0) {
            Mem.put(buffer.address(), command.data(), 0, bytes);
        }
        long address = buffer == null ? 0 : buffer.address();
        var call = new Call(queue, first, command, address, bytes);
        try {
            return reader.read(await(call, command, timeoutMs), address);
        } finally {
            // What timed out is the device's until it ends after all.
            call.done.whenComplete((status, failure) -> free(buffer));
        }
    }

    /** Does a command that tells the device of memory which outlives it. */
    public void call(TransportQueue queue, Command command, long address, int bytes, long timeoutMs) throws StorageException {
        await(new Call(queue, false, command, address, bytes), command, timeoutMs);
    }

    private long await(Call call, Command command, long timeoutMs) throws StorageException {
        String what = String.format("%s command %02Xh", call.target.id() == 0 ? "admin" : "I/O", command.opcode());
        call.target.reactor().execute(call::submit);
        int status = reactors.await(call.done, timeoutMs, what);
        if (status != 0) {
            throw new NvmeException(what + " failed: " + NvmeStatus.text(status), status, call.result);
        }
        return call.result;
    }

    private void free(Region buffer) {
        if (buffer != null) {
            environment.memory().free(buffer);
        }
    }

    /** One command on its way. */
    private static final class Call extends NvmeRequest {
        final CompletableFuture<Integer> done = new CompletableFuture<>();
        final TransportQueue target;
        private final boolean first;
        private final Timer again = new Timer() {
            @Override
            public void expired() {
                submit();
            }
        };

        Call(TransportQueue target, boolean first, Command command, long address, int bytes) {
            super(SEGMENTS);
            this.target = target;
            this.first = first;
            command(command.opcode(), command.nsid());
            cdw10and11 = pair(command.dwords().cdw10(), command.dwords().cdw11());
            cdw12and13 = pair(command.dwords().cdw12(), command.dwords().cdw13());
            cdw14and15 = pair(command.dwords().cdw14(), command.dwords().cdw15());
            if (bytes > 0) {
                data.set(address, bytes);
            }
        }

        private static long pair(int low, int high) {
            return low & 0xffff_ffffL | (long) high << 32;
        }

        void submit() {
            int status = first ? target.submitFirst(this) : target.submit(this);
            if (status == Status.NO_RESOURCE) {
                target.reactor().schedule(again, FULL_NANOS);
            } else if (status == Status.NOT_CONNECTED) {
                done.complete(NvmeStatus.COMMAND_ABORTED_BY_HOST);
            } else if (status != Status.OK) {
                done.complete(NvmeStatus.INVALID_FIELD_IN_COMMAND);
            }
        }

        @Override
        protected void ended(int status) {
            done.complete(status);
        }
    }
}
