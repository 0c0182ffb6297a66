package dev.karst.nvmf.tcp;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StateReader;
import dev.karst.base.StorageException;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.StreamSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfConnection;
import dev.karst.nvmf.NvmfQueue;
import dev.karst.nvmf.ParkedConnection;
import dev.karst.nvmf.TransportOptions;
import dev.karst.reactor.Reactor;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import dev.karst.spec.nvmetcp.TermReq;
import dev.karst.stream.BufferShare;
import dev.karst.stream.Connections;
import dev.karst.stream.SendQueue;
import dev.karst.stream.Turn;
import java.util.function.Consumer;

/** One connection: its life, its PDUs in order, and the commands that they make up. */
@ReactorConfined
final class TcpConnection extends NvmfConnection implements Connections.Member {
    /** Where a connection stands. */
    enum State {
        AWAITING_ICREQ,
        AWAITING_CONNECT,
        CONNECTED,
        /** A C2HTermReq is out; the host should close. */
        TERMINATING,
        CLOSED
    }

    /** Data in a capsule of an admin queue, and of any queue before its Connect. NVMe TCP Transport 1.0, 3.4.1. */
    static final int ADMIN_CAPSULE_BYTES = 8192;

    private final TcpGroup group;
    private final StreamSocket socket;
    private final ListenAddress listener;
    private final String peer;
    private final Region memory;
    private final NvmfQueue queue;
    private final SendQueue<TcpRequest> sender = new SendQueue<>() {
        @Override
        protected void sent(TcpRequest request) {
            drop(request);
        }
    };
    private final Turn turn = new ConnectionTurn(this);
    private final Receiver receiver;
    private final RequestTable requests;
    private final CommandIntake intake;
    private final Answers answers;

    private final BufferShare share = new BufferShare();
    /** What a predecessor had not sent, until it is sent. */
    private Region inherited;

    private State state = State.AWAITING_ICREQ;
    /** The request whose data the receiver takes in now, or null when it drops some. */
    private TcpRequest receiving;
    private long sinceNanos;
    /** When the host last took something, or nothing was left to take. */
    private long lastSentNanos;

    TcpConnection(TcpGroup group, StreamSocket socket, ListenAddress listener, Region memory) {
        this.group = group;
        this.socket = socket;
        this.listener = listener;
        this.memory = memory;
        peer = socket.peer();
        sinceNanos = lastSentNanos = group.reactor().nowNanos();
        receiver = new Receiver(this, group.received(), memory.address(), group.crc());
        answers = new Answers(this, memory.address() + Receiver.REST_BYTES);
        queue = group.host().open(this);
        int depth = options().maxAdminQueueDepth();
        requests = new RequestTable(this, group.memory(), depth, ADMIN_CAPSULE_BYTES);
        intake = new CommandIntake(this, requests);
    }

    /** Bytes of memory that a connection needs for itself. */
    static int memoryBytes() {
        return Receiver.REST_BYTES + Answers.CONTROL_BYTES;
    }

    void start() {
        socket.watch(group.reactor().events(), new Readiness() {
            @Override
            public void readable() {
                group.round().ready(turn);
            }

            @Override
            public void writable() {
                group.round().dirty(turn);
            }
        });
    }

    // What the core sees.

    @Override
    public Reactor reactor() {
        return group.reactor();
    }

    @Override
    public ListenAddress listener() {
        return listener;
    }

    @Override
    public String peer() {
        return peer;
    }

    @Override
    public TransportOptions options() {
        return group.options();
    }

    @Override
    public void connected(int qid, int entries) {
        if (isEnding()) {
            return;
        }
        state = State.CONNECTED;
        int capsuleBytes = qid == 0 ? ADMIN_CAPSULE_BYTES : options().inCapsuleBytes();
        requests.resize(entries, capsuleBytes);
        receiver.negotiated(answers.digests(), dataMax());
    }

    @Override
    public void disconnect(String why) {
        if (state != State.CLOSED) {
            sender.flush(socket);
            close();
        }
    }

    @Override
    public void released() {
        requests.close();
        releaseInherited();
        group.leave(this, memory);
    }

    private void releaseInherited() {
        if (inherited != null) {
            group.memory().free(inherited);
            inherited = null;
        }
    }

    // What the parts of a connection use.

    NvmfQueue queue() {
        return queue;
    }

    SendQueue<TcpRequest> sender() {
        return sender;
    }

    Answers answers() {
        return answers;
    }

    /** What it holds of the group's buffers. */
    BufferShare share() {
        return share;
    }

    TcpGroup group() {
        return group;
    }

    @Override
    public StreamSocket socket() {
        return socket;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Whether no more answers are sent. */
    boolean isEnding() {
        return state == State.TERMINATING || state == State.CLOSED;
    }

    /** Commands between their capsule and the end of their answer. */
    int requestsInUse() {
        return requests.inUse();
    }

    /** Most data in one PDU. */
    int dataMax() {
        return Math.max(requests.capsuleBytes(), options().maxIoBytes());
    }

    @Override
    public Turn turn() {
        return turn;
    }

    /** It has something to send. */
    void dirty() {
        group.round().dirty(turn);
    }

    // Bytes in.

    /** Reads; returns whether there may be more now. */
    boolean read() {
        return receiver.receive(socket);
    }

    /** Sends what there is. */
    void flush() {
        if (state == State.CLOSED) {
            return;
        }
        long before = sender.total();
        int outcome = sender.flush(socket);
        if (sender.total() > before || outcome == 0) {
            lastSentNanos = group.reactor().nowNanos();
        }
        if (outcome == 0) {
            releaseInherited();
        }
        if (outcome == 0 && state == State.TERMINATING) {
            socket.shutdownOutput();
        } else if (outcome < 0 && outcome != StreamSocket.AGAIN) {
            close();
        }
    }

    /** The host closed, or the connection broke. */
    void streamEnded(int count) {
        assert count <= 0 && count != -Errno.EAGAIN;
        close();
    }

    /** The syntax of a PDU's first bytes, and whether its type may come now. */
    long checkCommon(long header, int digests, int dataMax) {
        int type = Pdu.TYPE.get(header);
        boolean first = state == State.AWAITING_ICREQ;
        long fault = PduChecks.common(header, digests, dataMax);
        boolean known = fault != PduSyntax.fault(TermReq.INVALID_HEADER_FIELD, 0);
        boolean inSequence = first == (type == Pdu.ICREQ) || type == Pdu.H2C_TERM_REQ;
        return known && !inSequence ? PduSyntax.fault(TermReq.SEQUENCE_ERROR, 0) : fault;
    }

    /** A PDU's header has come and is well formed; its data, if any, comes next. */
    void pdu(long pdu, int dataLength) {
        receiving = null;
        switch (Pdu.TYPE.get(pdu)) {
            case Pdu.ICREQ -> icReq(pdu);
            case Pdu.CAPSULE_CMD -> receiving = intake.capsule(pdu, dataLength);
            case Pdu.H2C_DATA -> receiving = intake.hostData(pdu, dataLength);
            default -> close();
        }
        if (receiving != null) {
            receiver.target(receiving.dataAddress + receiving.received);
            receiving.received += dataLength;
        }
    }

    /** The data of the PDU has come; its digest, if it has one, is right or not. */
    void dataEnded(boolean right) {
        TcpRequest request = receiving;
        receiving = null;
        if (request == null) {
            return;
        }
        if (!right) {
            request.corrupt = true;
            group.counters().digestErrors++;
        }
        if (request.received == request.length) {
            if (request.corrupt) {
                intake.refuse(request, NvmeStatus.TRANSIENT_TRANSPORT_ERROR);
            } else {
                intake.execute(request);
            }
        }
    }

    private void icReq(long pdu) {
        long fault = PduChecks.icReq(pdu);
        if (fault != PduSyntax.NONE) {
            fail(fault, pdu, IcReq.BYTES);
            return;
        }
        int digests = IcReq.DGST.get(pdu) & (IcReq.HDGST_ENABLE | IcReq.DDGST_ENABLE);
        answers.icResp(digests, IcReq.HPDA.get(pdu), options().maxIoBytes());
        receiver.negotiated(digests, dataMax());
        state = State.AWAITING_CONNECT;
    }

    /** The peer broke the protocol: says so and ends. {@code pdu} is the header that was wrong. */
    void fail(long fault, long pdu, int headerBytes) {
        if (state == State.TERMINATING || state == State.CLOSED) {
            return;
        }
        int fes = PduSyntax.fes(fault);
        group.counters().fatalErrors[fes]++;
        group.log().protocolError(peer, fes, PduSyntax.fei(fault));
        answers.termReq(fault, pdu, Math.min(headerBytes, TermReq.DATA_BYTES_MAX));
        state = State.TERMINATING;
        sinceNanos = group.reactor().nowNanos();
        receiver.discard();
        receiving = null;
        dropUnfinished();
    }

    /** A fault in the well-formed PDU at {@code pdu}; gives null, for a handler to give on. */
    TcpRequest faulty(int fes, int fei, long pdu) {
        fail(PduSyntax.fault(fes, fei), pdu, Pdu.HLEN.get(pdu));
        return null;
    }

    // Answers out.

    /** The core has the answer to a command. */
    void respond(TcpRequest request) {
        if (isEnding()) {
            drop(request);
        } else {
            request.state = TcpRequest.State.RESPONDING;
            answers.respond(request);
        }
    }

    /** The buffers gave a waiting request its memory. */
    void buffered(TcpRequest request, long buffer) {
        intake.buffered(request, buffer);
    }

    /** A request is done: its answer has been sent, or nobody wants one. */
    void drop(TcpRequest request) {
        long buffer = request.buffer;
        request.buffer = 0;
        requests.release(request);
        if (buffer != 0) {
            group.buffers().give(share, buffer);
        }
    }

    // From one transport to the next.

    /** Whether nothing of it is being executed that would have an effect. */
    boolean isAtRest() {
        if (state == State.CLOSED || intake.isAfterFused()) {
            return false;
        }
        for (int slot = 0; slot < requests.size(); slot++) {
            TcpRequest request = requests.at(slot);
            if (request.state == TcpRequest.State.EXECUTING && !queue.isHeld(request)) {
                return false;
            }
        }
        return true;
    }

    /** Ends here, so that a successor can go on; null when there can be none. {@link #leave} follows. */
    ParkedConnection park() {
        if (isEnding()) {
            return null;
        }
        byte[] own = new ConnectionState(this, requests, intake).write(state, receiver, receiving);
        byte[] handedOver = queue.handOver();
        if (handedOver == null) {
            return null;
        }
        state = State.CLOSED;
        socket.unwatch();
        group.buffers().cancel(share);
        return new ParkedConnection(listener, group.reactor().id(), socket, own, handedOver);
    }

    /** Gives back what it holds, once it is parked. */
    void leave() {
        sender.clear();
        for (int slot = 0; slot < requests.size(); slot++) {
            if (requests.at(slot).state != TcpRequest.State.FREE) {
                drop(requests.at(slot));
            }
        }
        released();
    }

    /** Goes on as the successor of a connection that was parked; {@code done} is told null, or why that cannot be. */
    void takeOver(ParkedConnection parked, Consumer<String> done) {
        try {
            var reader = new StateReader(parked.state(), ConnectionState.VERSION);
            State then = ConnectionState.readHead(reader, answers);
            if ((then == State.CONNECTED) != (parked.queue().length > 0)) {
                throw StateReader.refusal("its two states do not belong together");
            }
            queue.takeOver(parked.queue(), refusal -> goOn(then, reader, refusal, done));
        } catch (StorageException e) {
            end(e.getMessage(), done);
        }
    }

    private void goOn(State then, StateReader reader, String refusal, Consumer<String> done) {
        if (refusal != null || isEnding()) {
            end(refusal != null ? refusal : "it was closed meanwhile", done);
            return;
        }
        state = then;
        receiver.negotiated(answers.digests(), then == State.AWAITING_ICREQ ? IcReq.BYTES : dataMax());
        try {
            receiving = new ConnectionState(this, requests, intake).read(reader, receiver);
        } catch (StorageException e) {
            end(e.getMessage(), done);
            return;
        }
        start();
        done.accept(null);
    }

    private void end(String why, Consumer<String> done) {
        close();
        done.accept(why);
    }

    /** Sends first what a predecessor had not. */
    void resend(byte[] unsent) throws StorageException {
        if (unsent.length > 0) {
            inherited = group.memory().allocate("nvmf.tcp output", unsent.length);
            Mem.put(inherited.address(), unsent, 0, unsent.length);
            sender.add(inherited.address(), unsent.length, null);
            dirty();
        }
    }

    // Time and end.

    @Override
    public void checkTime(long nowNanos) {
        long stalledBefore = nowNanos - TcpGroup.STALL_TIMEOUT_NANOS;
        boolean late = switch (state) {
            case AWAITING_ICREQ -> nowNanos - sinceNanos > TcpGroup.ICREQ_TIMEOUT_NANOS;
            case AWAITING_CONNECT -> nowNanos - sinceNanos > TcpGroup.CONNECT_TIMEOUT_NANOS;
            case CONNECTED ->
                !sender.isEmpty() && lastSentNanos < stalledBefore || intake.isOwedSince(stalledBefore);
            case TERMINATING -> nowNanos - sinceNanos > TcpGroup.TERMINATION_NANOS;
            case CLOSED -> false;
        };
        if (late) {
            group.counters().timedOut++;
            group.log().timedOut(peer, state);
            close();
        }
    }

    /** Ends the connection now. What the core still has comes back through {@link #respond}. */
    void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        receiver.discard();
        sender.clear();
        socket.unwatch();
        socket.close();
        dropUnfinished();
        queue.close();
    }

    /** Those that wait leave the line first, so that no buffer given back goes to a request of this connection. */
    private void dropUnfinished() {
        group.buffers().cancel(share);
        for (int slot = 0; slot < requests.size(); slot++) {
            boolean unfinished = switch (requests.at(slot).state) {
                case IN_CAPSULE, WAITING, AWAITING_DATA -> true;
                case RESPONDING -> state == State.CLOSED;
                case FREE, EXECUTING -> false;
            };
            if (unfinished) {
                drop(requests.at(slot));
            }
        }
    }
}
