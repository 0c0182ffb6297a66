package dev.karst.nvmf.tcp;

import dev.karst.base.Errno;
import dev.karst.base.ReactorConfined;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.StreamSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfConnection;
import dev.karst.nvmf.NvmfQueue;
import dev.karst.nvmf.TransportOptions;
import dev.karst.reactor.Reactor;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.TermReq;

/** One connection: its life, its PDUs in order, and the commands that they make up. */
@ReactorConfined
final class TcpConnection extends NvmfConnection {
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
    private final Sender sender;
    private final Receiver receiver;
    private final RequestTable requests;
    private final CommandIntake intake;
    private final Answers answers;

    private final BufferShare share = new BufferShare();

    private State state = State.AWAITING_ICREQ;
    /** The request whose data the receiver takes in now, or null when it drops some. */
    private TcpRequest receiving;
    private long sinceNanos;
    /** When the host last took something, or nothing was left to take. */
    private long lastSentNanos;

    /** For the group: whether it is among those to be read, and those to be flushed. */
    boolean isReady;
    boolean isDirty;

    TcpConnection(TcpGroup group, StreamSocket socket, ListenAddress listener, Region memory) {
        this.group = group;
        this.socket = socket;
        this.listener = listener;
        this.memory = memory;
        peer = socket.peer();
        sinceNanos = lastSentNanos = group.reactor().nowNanos();
        sender = new Sender(this);
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
                group.ready(TcpConnection.this);
            }

            @Override
            public void writable() {
                group.dirty(TcpConnection.this);
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
        group.leave(this, memory);
    }

    // What the parts of a connection use.

    NvmfQueue queue() {
        return queue;
    }

    Sender sender() {
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
        boolean known = fault != PduChecks.fault(TermReq.INVALID_HEADER_FIELD, 0);
        boolean inSequence = first == (type == Pdu.ICREQ) || type == Pdu.H2C_TERM_REQ;
        return known && !inSequence ? PduChecks.fault(TermReq.SEQUENCE_ERROR, 0) : fault;
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
        if (fault != PduChecks.NONE) {
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
        int fes = PduChecks.fes(fault);
        group.counters().fatalErrors[fes]++;
        group.log().protocolError(peer, fes, PduChecks.fei(fault));
        answers.termReq(fault, pdu, Math.min(headerBytes, TermReq.DATA_BYTES_MAX));
        state = State.TERMINATING;
        sinceNanos = group.reactor().nowNanos();
        receiver.discard();
        receiving = null;
        dropUnfinished();
    }

    /** A fault in the well-formed PDU at {@code pdu}; gives null, for a handler to give on. */
    TcpRequest faulty(int fes, int fei, long pdu) {
        fail(PduChecks.fault(fes, fei), pdu, Pdu.HLEN.get(pdu));
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
        requests.give(request);
        if (buffer != 0) {
            group.buffers().give(share, buffer);
        }
    }

    // Time and end.

    /** Ends a connection that has made no progress for too long. */
    void checkTime(long nowNanos) {
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
