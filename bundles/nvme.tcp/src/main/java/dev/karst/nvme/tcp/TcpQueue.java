package dev.karst.nvme.tcp;

import dev.karst.base.Crc32c;
import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.StreamSocket;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Message;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.spec.nvme.Cqe;
import dev.karst.spec.nvme.DataTransfer;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvmetcp.CapsuleResp;
import dev.karst.spec.nvmetcp.DataPdu;
import dev.karst.spec.nvmetcp.IcResp;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import dev.karst.spec.nvmetcp.TermReq;
import java.util.concurrent.CompletableFuture;

/** One connection: its life, its PDUs in order, and how commands go out and end. Whatever a controller does wrong ends it. */
@ReactorConfined
final class TcpQueue extends TransportQueue {
    /** Data in a capsule of the admin queue, and of a Fabrics command on any. NVMe TCP Transport 1.0, 3.4.1. */
    private static final int ADMIN_CAPSULE_BYTES = 8192;

    /** Requests in flight up to which an answer is expected at each poll. */
    private static final int MOST_EXPECTED = 2;

    private enum State {
        CLOSED,
        AWAITING_ICRESP,
        OPEN,
        /** Nothing is read or sent any more; the driver closes it. */
        BROKEN
    }

    private final TcpAddress address;
    private final Reactors reactors;
    private final Memory memory;
    private final Region region;
    private final Flight[] flights;
    private final Output output;
    private final HostData hostData;
    private final Receiver receiver;
    private final PduWriter writer;
    private final int wantedDigests;

    private State state = State.CLOSED;
    private String whyBroken = "";
    private StreamSocket socket;
    private CompletableFuture<Void> connecting;
    private int inCapsuleBytes;
    private long maxHostData;
    private boolean readable;
    private boolean writable;
    private long endedCount;
    /** Whose data comes, and how its PDU is flagged. */
    private Flight receiving;
    private int receivingFlags;
    private boolean tellsLost;

    private final Poller poller = new Poller() {
        @Override
        public int poll() {
            boolean works = readable || writable;
            int ended = TcpQueue.this.poll(Integer.MAX_VALUE);
            return works || ended > 0 ? 1 : 0;
        }
    };

    private final Readiness readiness = new Readiness() {
        @Override
        public void readable() {
            readable = true;
        }

        @Override
        public void writable() {
            writable = true;
        }
    };

    private final Message tellLost = new Message() {
        @Override
        public void run() {
            tellsLost = false;
            if (state == State.BROKEN) {
                lost(whyBroken);
            }
        }
    };

    TcpQueue(int qid, int depth, Reactor reactor, Owner owner, TcpAddress address, TcpFabrics fabrics)
        throws StorageException {
        super(qid, depth, reactor, owner);
        this.address = address;
        reactors = fabrics.reactors();
        memory = fabrics.memory();
        wantedDigests = address.digests();
        flights = new Flight[depth()];
        for (int slot = 0; slot < flights.length; slot++) {
            flights[slot] = new Flight();
        }
        region = memory.allocate("nvme.tcp queue", Receiver.BUFFER_BYTES + Output.memoryBytes(depth()));
        var crc = new Crc32c();
        output = new Output(this, depth(), region.address() + Receiver.BUFFER_BYTES);
        hostData = new HostData(depth());
        receiver = new Receiver(this, region.address(), crc);
        writer = new PduWriter(output, crc);
    }

    // Its life.

    @Override
    public void connect(int inCapsuleBytes) throws StorageException {
        StreamSocket opened = address.connect();
        var done = new CompletableFuture<Void>();
        reactor().execute(() -> begin(opened, inCapsuleBytes, done));
        try {
            reactors.await(done, address.timeoutMs(), "queue " + id() + " of " + address);
        } catch (StorageException e) {
            done.cancel(false);
            reactors.call(reactor(), _ -> {
                disconnect();
                return null;
            });
            throw e;
        }
    }

    private void begin(StreamSocket opened, int inCapsuleBytes, CompletableFuture<Void> done) {
        if (done.isDone()) {
            opened.close();
            return;
        }
        disconnect();
        socket = opened;
        connecting = done;
        this.inCapsuleBytes = id() == 0 ? ADMIN_CAPSULE_BYTES : inCapsuleBytes;
        state = State.AWAITING_ICRESP;
        receiver.reset();
        writer.negotiated(0, 0);
        reactor().add(poller);
        writer.icReq(wantedDigests, HostData.R2TS_OF_COMMAND);
        writable = true;
        socket.watch(reactor().events(), readiness);
    }

    @Override
    public void disconnect() {
        if (socket == null) {
            return;
        }
        state = State.CLOSED;
        socket.unwatch();
        socket.close();
        socket = null;
        reactor().remove(poller);
        readable = writable = false;
        receiving = null;
        output.clear();
        hostData.clear();
        for (Flight flight : flights) {
            flight.active = false;
        }
        refuse(Errno.ECANCELED, "it was closed");
    }

    @Override
    public void release() {
        memory.free(region);
    }

    /** Fails whoever waits for the connection. */
    private void refuse(int errno, String why) {
        if (connecting != null) {
            connecting.completeExceptionally(StorageException.errno(errno, "no NVMe/TCP connection to " + address + ": " + why));
            connecting = null;
        }
    }

    private void broken(int errno, String why) {
        if (!isOpen()) {
            return;
        }
        state = State.BROKEN;
        whyBroken = why;
        refuse(errno, why);
        lost(why);
    }

    /** The controller closed, or the connection broke. */
    void streamEnded(int count) {
        if (count == 0) {
            broken(Errno.ECONNRESET, "the controller closed the connection");
        } else {
            broken(-count, "the connection broke: " + Errno.text(-count));
        }
    }

    /** The controller broke the protocol: says so, as far as the socket takes it at once, and ends. */
    void fail(long fault, long pdu, int headerBytes) {
        int fes = PduSyntax.fes(fault);
        String why = "the controller sent a PDU of type " + Pdu.TYPE.get(pdu) + " with "
            + ControllerPdus.text(fes, PduSyntax.fei(fault));
        if (output.hasRoom(2, 0)) {
            writer.termReq(fault, pdu, headerBytes);
            output.flush(socket);
        }
        broken(Errno.EPROTO, why);
    }

    /** Whether PDUs are taken. */
    boolean isOpen() {
        return state == State.OPEN || state == State.AWAITING_ICRESP;
    }

    /** Commands that have ended so far. */
    long endedCount() {
        return endedCount;
    }

    // Commands out.

    @Override
    public long fits(IoVector data) {
        return data.bytes();
    }

    @Override
    protected boolean hasRoom(int requests) {
        return output.hasRoom(requests, requests * Output.MOST_SEGMENTS);
    }

    @Override
    protected int start(NvmeRequest request, int cid) {
        if (state != State.OPEN) {
            return notOpen();
        }
        boolean sends = direction(request) == DataTransfer.TO_CONTROLLER;
        long bytes = request.data.bytes();
        boolean mayHaveData = sends || direction(request) == DataTransfer.TO_HOST;
        if (request.metadata != 0 || bytes > 0 && !mayHaveData || bytes > 0xffff_ffffL) {
            return Status.INVALID;
        }
        int segments = request.data.count();
        int limit = request.opcode == Opcode.FABRICS ? ADMIN_CAPSULE_BYTES : inCapsuleBytes;
        boolean inCapsule = sends && bytes > 0 && bytes <= limit && segments <= Output.MOST_SEGMENTS;
        if (!output.hasRoom(1, inCapsule ? segments : 0)) {
            return Status.NO_RESOURCE;
        }
        Flight flight = flights[slot(cid)];
        flight.begin(cid, sends && !inCapsule);
        writer.capsule(request, flight, inCapsule);
        writable = true;
        return Status.OK;
    }

    private int notOpen() {
        if (state == State.BROKEN && !tellsLost) {
            tellsLost = true;
            reactor().defer(tellLost);
        }
        return Status.NOT_CONNECTED;
    }

    /** Where data goes: the opcode says it, and for Fabrics commands the type. NVMe Base 2.1, 6. */
    private static int direction(NvmeRequest request) {
        return (request.opcode == Opcode.FABRICS ? request.nsid : request.opcode) & 3;
    }

    /** The data of a command in flight. */
    IoVector dataOf(Flight flight) {
        return request(flight.cid).data;
    }

    /** Sends a part of a command's data that an R2T asked for. */
    void hostData(Flight flight, int tag, long offset, int length, boolean last) {
        writer.hostData(request(flight.cid), flight, tag, offset, length, last);
    }

    @Override
    public int poll(int most) {
        long before = endedCount;
        if (!readable && expectsAnswer()) {
            socket.expect();
            readable = true;
        }
        if (readable) {
            readable = receiver.receive(socket, most);
        }
        if (writable && isOpen()) {
            flush();
        }
        return (int) (endedCount - before);
    }

    /**
     * Whether the next answer decides how fast it goes on: with a few requests in flight the socket is asked at each poll; with
     * many, the event set tells of several answers at once for less.
     */
    private boolean expectsAnswer() {
        return id() != 0 && isOpen() && inFlight() > 0 && inFlight() <= MOST_EXPECTED;
    }

    private void flush() {
        writable = false;
        int outcome;
        do {
            hostData.compose(this, output, maxHostData);
            outcome = output.flush(socket);
        } while (outcome == 0 && isOpen() && !hostData.isEmpty());
        if (outcome < 0 && outcome != StreamSocket.AGAIN) {
            streamEnded(outcome);
        }
    }

    // PDUs in.

    /** The syntax of a PDU's first bytes, and whether its type may come now. */
    long checkCommon(long header, int digests) {
        return ControllerPdus.common(header, digests, state == State.AWAITING_ICRESP);
    }

    /** A PDU's header has come and is well formed; its data, if any, comes next. */
    void pdu(long pdu, int dataLength) {
        switch (Pdu.TYPE.get(pdu)) {
            case Pdu.CAPSULE_RESP -> response(pdu);
            case Pdu.C2H_DATA -> controllerData(pdu, dataLength);
            case Pdu.R2T -> r2t(pdu);
            case Pdu.ICRESP -> icResp(pdu);
            default -> broken(Errno.EPROTO, "the controller ended the connection for "
                + ControllerPdus.text(TermReq.FES.get(pdu), (int) TermReq.FEI.get(pdu)));
        }
    }

    private void icResp(long pdu) {
        long fault = ControllerPdus.icResp(pdu, wantedDigests);
        if (fault != PduSyntax.NONE) {
            fail(fault, pdu, IcResp.BYTES);
            return;
        }
        maxHostData = IcResp.MAXH2CDATA.get(pdu);
        receiver.negotiated(wantedDigests);
        writer.negotiated(wantedDigests, IcResp.CPDA.get(pdu));
        state = State.OPEN;
        connecting.complete(null);
        connecting = null;
    }

    private void response(long pdu) {
        long cqe = pdu + CapsuleResp.CQE.offset();
        Flight flight = flight(Cqe.CID.get(cqe));
        if (flight == null) {
            fail(PduSyntax.field(CapsuleResp.CQE.offset() + Cqe.CID.offset()), pdu, CapsuleResp.BYTES);
            return;
        }
        end(flight, Mem.getInt(cqe + Cqe.CID.offset()) >>> 17, Mem.getLong(cqe));
    }

    private void controllerData(long pdu, int dataLength) {
        Flight flight = flight(DataPdu.CCCID.get(pdu));
        int flags = Pdu.FLAGS.get(pdu);
        long fault = flight == null ? PduSyntax.field(DataPdu.CCCID.offset())
            : DataPdu.DATAL.get(pdu) != dataLength ? PduSyntax.field(DataPdu.DATAL.offset())
            : (flags & Pdu.SUCCESS) != 0 && (flags & Pdu.LAST_PDU) == 0 ? PduSyntax.field(Pdu.FLAGS.offset())
            : !takes(request(flight.cid), flight, DataPdu.DATAO.get(pdu), dataLength)
                ? PduSyntax.fault(TermReq.DATA_OUT_OF_RANGE, DataPdu.DATAO.offset())
            : PduSyntax.NONE;
        if (fault != PduSyntax.NONE) {
            fail(fault, pdu, DataPdu.BYTES);
            return;
        }
        receiver.target(request(flight.cid), flight.received);
        flight.received += dataLength;
        receiving = flight;
        receivingFlags = flags;
    }

    /** Whether the data continues what came, within what was asked for. */
    private static boolean takes(NvmeRequest request, Flight flight, long offset, int length) {
        return direction(request) == DataTransfer.TO_HOST && offset == flight.received
            && offset + length <= request.data.bytes();
    }

    /** The data of the PDU has come; its digest, if it has one, is right or not. */
    void dataEnded(boolean right) {
        Flight flight = receiving;
        receiving = null;
        flight.corrupt |= !right;
        if ((receivingFlags & Pdu.SUCCESS) != 0) {
            end(flight, NvmeStatus.SUCCESSFUL_COMPLETION, 0);
        }
    }

    private void r2t(long pdu) {
        Flight flight = flight(DataPdu.CCCID.get(pdu));
        long offset = DataPdu.DATAO.get(pdu);
        long length = DataPdu.DATAL.get(pdu);
        long fault = flight == null ? PduSyntax.field(DataPdu.CCCID.offset())
            : !flight.askable ? PduSyntax.fault(TermReq.SEQUENCE_ERROR, 0)
            : offset != flight.asked || length == 0 || offset + length > dataOf(flight).bytes()
                ? PduSyntax.fault(TermReq.DATA_OUT_OF_RANGE, DataPdu.DATAO.offset())
            : flight.openR2ts == HostData.R2TS_OF_COMMAND ? PduSyntax.fault(TermReq.LIMIT_EXCEEDED, 0)
            : PduSyntax.NONE;
        if (fault != PduSyntax.NONE) {
            fail(fault, pdu, DataPdu.BYTES);
            return;
        }
        hostData.add(flight, DataPdu.TTAG.get(pdu), offset, length);
        writable = true;
    }

    /** The command of that CID that is in flight and not answered, or null. */
    private Flight flight(int cid) {
        if (slot(cid) >= flights.length) {
            return null;
        }
        Flight flight = flights[slot(cid)];
        return flight.active && flight.cid == cid && !flight.answered ? flight : null;
    }

    /** A command was answered; it ends once nothing of its data waits for the socket. */
    void end(Flight flight, int status, long result) {
        if (flight.openR2ts > 0) {
            hostData.drop(flight);
        }
        if (flight.unsent > 0) {
            flight.answered = true;
            flight.status = status;
            flight.result = result;
            return;
        }
        flight.active = false;
        endedCount++;
        completed(flight.cid, status == NvmeStatus.SUCCESSFUL_COMPLETION ? dataStatus(flight) : status, result);
    }

    /** Whether the data of a command that succeeded came, whole and right. */
    private int dataStatus(Flight flight) {
        if (flight.corrupt) {
            return NvmeStatus.TRANSIENT_TRANSPORT_ERROR;
        }
        NvmeRequest request = request(flight.cid);
        boolean partial = id() > 0 && request.opcode == Opcode.NVM_READ && flight.received < request.data.bytes();
        return partial ? NvmeStatus.DATA_TRANSFER_ERROR : NvmeStatus.SUCCESSFUL_COMPLETION;
    }
}
