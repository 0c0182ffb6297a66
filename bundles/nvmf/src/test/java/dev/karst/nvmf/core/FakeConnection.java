package dev.karst.nvmf.core;

import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.env.sim.SimRandom;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfConnection;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfQueue;
import dev.karst.nvmf.NvmfRequest;
import dev.karst.nvmf.TransportOptions;
import dev.karst.reactor.Message;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.DataTransfer;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/**
 * A connection of the {@link FakeTransport}. It holds the core to its contract: one answer for each command, none after
 * the end.
 */
final class FakeConnection extends NvmfConnection {
    static final int REQUESTS = 40;
    static final int DATA_BYTES = 16384;
    static final int MEMORY_BYTES = REQUESTS * (Sqe.BYTES + DATA_BYTES);

    /** A command, and its answer when there is one. */
    final class Request extends NvmfRequest {
        final long buffer;
        int cid;
        boolean outstanding;
        /** Whether its data is still to come. */
        boolean pending;
        int answers;
        CompletableFuture<Answer> answered = new CompletableFuture<>();

        Request(long address) {
            sqe = address;
            buffer = address + Sqe.BYTES;
        }

        @Override
        public void respond() {
            check(outstanding, "an answer to a command that is not outstanding");
            check(!released, "an answer after the connection was released");
            check(answerLength <= length, "an answer longer than what the host expects");
            outstanding = false;
            answers++;
            byte[] bytes = new byte[answerLength];
            for (int i = 0, at = 0; i < data.count() && at < answerLength; i++) {
                int part = Math.min(data.length(i), answerLength - at);
                Mem.get(data.address(i), bytes, at, part);
                at += part;
            }
            free.add(this);
            answered.complete(new Answer(status, result, sqhd, bytes));
        }
    }

    /** What a command came to. */
    record Answer(int status, long result, int sqhd, byte[] data) {}

    private final FakeTransport transport;
    private final Reactor reactor;
    private final ListenAddress listener;
    final NvmfQueue queue;
    final List<Request> all = new ArrayList<>();
    final ArrayDeque<Request> free = new ArrayDeque<>();
    final CompletableFuture<Void> gone = new CompletableFuture<>();
    int qid = -1;
    int entries;
    boolean closing;
    /** Whether it does not hear that it is to end. */
    boolean deaf;
    boolean released;
    String why;
    int nextCid = 1;
    int pieces = 1;
    /** How late the data of fused commands comes; 0 for with the command. */
    long lateNanos;
    int corruptOneIn;
    SimRandom random;
    private boolean afterFused;

    FakeConnection(FakeTransport transport, Reactor reactor, ListenAddress listener, Region memory, NvmfHost host) {
        this.transport = transport;
        this.reactor = reactor;
        this.listener = listener;
        queue = host.open(this);
        for (int i = 0; i < REQUESTS; i++) {
            var request = new Request(memory.address() + (long) i * (Sqe.BYTES + DATA_BYTES));
            all.add(request);
            free.add(request);
            queue.prepare(request);
        }
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** Sends a command that moves no data. */
    Request send(LongConsumer command) {
        return send(command, 0, null);
    }

    /** Sends a command that expects {@code length} bytes, or sends those of {@code out}. On the reactor. */
    Request send(LongConsumer command, int length, byte[] out) {
        check(!closing, "a command on a closed connection");
        Request request = free.remove();
        Mem.fill(request.sqe, Sqe.BYTES, (byte) 0);
        Sqe.PSDT.set(request.sqe, Sqe.PSDT_SGL);
        Sqe.CID.set(request.sqe, nextCid++ & 0xffff);
        command.accept(request.sqe);
        request.cid = Sqe.CID.get(request.sqe);
        request.length = out == null ? length : out.length;
        request.data.clear();
        scatter(request);
        if (out != null) {
            check(DataTransfer.direction(request.sqe) == DataTransfer.TO_CONTROLLER, "the command sends nothing");
            put(request, out);
        }
        request.answered = new CompletableFuture<>();
        request.outstanding = true;
        request.pending = true;
        announce(request);
        if (lateNanos > 0 && Sqe.FUSE.get(request.sqe) != 0) {
            reactor.schedule(new Timer() {
                @Override
                public void expired() {
                    execute(request);
                }
            }, random.delayNanos(lateNanos));
        } else {
            execute(request);
        }
        return request;
    }

    /** As the contract wants it: fused commands, and the one after each. */
    private void announce(Request request) {
        boolean fused = Sqe.FUSE.get(request.sqe) != 0;
        if (fused || afterFused) {
            queue.arrived(request);
        }
        afterFused = fused;
    }

    /** The data of the command has come, unless the connection went meanwhile; now and then it is corrupt. */
    private void execute(Request request) {
        if (!request.pending) {
            return;
        }
        request.pending = false;
        if (corruptOneIn > 0 && random.oneIn(corruptOneIn)) {
            queue.refuse(request, NvmeStatus.TRANSIENT_TRANSPORT_ERROR);
        } else {
            queue.execute(request);
        }
    }

    /** What the core has not been given goes with the connection. */
    private void drop(Request request) {
        if (request.pending) {
            request.pending = false;
            request.outstanding = false;
        }
    }

    private void scatter(Request request) {
        int at = 0;
        for (int i = 0; i < pieces && at < request.length; i++) {
            int part = i == pieces - 1 ? request.length - at
                : Math.min(request.length - at, request.length / pieces / 8 * 8 + 8);
            request.data.add(request.buffer + at, part);
            Mem.fill(request.buffer + at, part, (byte) 0xee);
            at += part;
        }
    }

    private static void put(Request request, byte[] out) {
        int at = 0;
        for (int i = 0; i < request.data.count(); i++) {
            Mem.put(request.data.address(i), out, at, request.data.length(i));
            at += request.data.length(i);
        }
    }

    int outstanding() {
        return (int) all.stream().filter(request -> request.outstanding).count();
    }

    @Override
    public Reactor reactor() {
        return reactor;
    }

    @Override
    public ListenAddress listener() {
        return listener;
    }

    @Override
    public String peer() {
        return "127.0.0.1:1234";
    }

    @Override
    public TransportOptions options() {
        return transport.options();
    }

    @Override
    public void connected(int qid, int entries) {
        this.qid = qid;
        this.entries = entries;
    }

    /** As a transport does it: the queue hears later in the round. */
    @Override
    public void disconnect(String why) {
        check(!released, "a released connection is used");
        if (closing || deaf) {
            return;
        }
        closing = true;
        this.why = why;
        reactor.defer(new Message() {
            @Override
            public void run() {
                all.forEach(FakeConnection.this::drop);
                queue.close();
            }
        });
    }

    @Override
    public void released() {
        check(closing, "released before it was closed");
        check(!released, "released twice");
        check(outstanding() == 0, "released with commands outstanding");
        released = true;
        transport.connections.remove(this);
        gone.complete(null);
    }
}
