package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.nvme.DataTransfer;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvmetcp.CapsuleCmd;
import dev.karst.spec.nvmetcp.DataPdu;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.TermReq;
import dev.karst.stream.TransferBuffers;

/**
 * From a command capsule to a command that the core can execute: where its data is, and getting it there, from the capsule
 * itself or by R2T.
 */
@ReactorConfined
final class CommandIntake {
    /** SGL descriptor type and sub-type: data block, by offset into the capsule. NVMe Base 2.1, 4.3.2. */
    private static final int IN_CAPSULE = Sqe.SGL_DATA_BLOCK << 4 | Sqe.SGL_OFFSET;
    /** SGL descriptor type and sub-type: transport data block. NVMe TCP Transport 1.0, 3.3.2. */
    private static final int BY_TRANSPORT = Sqe.SGL_TRANSPORT_DATA_BLOCK << 4 | Sqe.SGL_TRANSPORT;

    private final TcpConnection connection;
    private final RequestTable requests;
    /** Requests with an R2T out. */
    private int awaitingData;
    /** Whether the last command was fused: the next one may belong to it. */
    private boolean afterFused;
    /** When the host began to owe data, or last sent all that one R2T asked for. */
    private long owedSinceNanos;

    CommandIntake(TcpConnection connection, RequestTable requests) {
        this.connection = connection;
        this.requests = requests;
    }

    /** Whether the host has owed data for too long, whatever else it sends: the buffers for it are others' too. */
    boolean isOwedSince(long nanos) {
        return awaitingData > 0 && owedSinceNanos < nanos;
    }

    private long now() {
        return connection.reactor().nowNanos();
    }

    /** A command capsule has come with {@code dataLength} bytes behind it. Returns the request that the bytes belong to. */
    TcpRequest capsule(long pdu, int dataLength) {
        if (dataLength > requests.capsuleBytes()) {
            return connection.faulty(TermReq.LIMIT_EXCEEDED, Pdu.PLEN.offset(), pdu);
        }
        TcpRequest request = requests.take();
        if (request == null) {
            return connection.faulty(TermReq.LIMIT_EXCEEDED, 0, pdu);
        }
        request.begin(pdu + CapsuleCmd.SQE.offset());
        announce(request);
        if (!requests.claimCid(request)) {
            return refuse(request, NvmeStatus.COMMAND_ID_CONFLICT);
        }
        int psdt = Sqe.PSDT.get(request.sqe);
        if (psdt != Sqe.PSDT_SGL && psdt != Sqe.PSDT_SGL_METADATA) {
            return refuse(request, NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR);
        }
        int direction = DataTransfer.direction(request.sqe);
        if (direction == DataTransfer.NONE) {
            return dataLength > 0 ? refuse(request, NvmeStatus.INVALID_FIELD_IN_COMMAND) : execute(request);
        }
        request.hostSends = direction == DataTransfer.TO_CONTROLLER;
        return switch (Sqe.SGL1_TYPE.get(request.sqe) << 4 | Sqe.SGL1_SUBTYPE.get(request.sqe)) {
            case IN_CAPSULE -> inCapsule(request, pdu, dataLength);
            case BY_TRANSPORT -> byTransport(request, dataLength);
            default -> refuse(request, NvmeStatus.SGL_DESCRIPTOR_TYPE_INVALID);
        };
    }

    /** Tells the core the order of fused commands, which that of their data may not be. */
    private void announce(TcpRequest request) {
        boolean fused = Sqe.FUSE.get(request.sqe) != 0;
        if (fused || afterFused) {
            connection.queue().arrived(request);
        }
        afterFused = fused;
    }

    private TcpRequest inCapsule(TcpRequest request, long pdu, int dataLength) {
        if (!request.hostSends) {
            return refuse(request, NvmeStatus.INVALID_FIELD_IN_COMMAND);
        }
        if (Sqe.SGL1_LENGTH.get(request.sqe) != dataLength) {
            connection.drop(request);
            return connection.faulty(TermReq.INVALID_HEADER_FIELD, Pdu.PLEN.offset(), pdu);
        }
        if (Sqe.SGL1_ADDRESS.get(request.sqe) != 0) {
            return refuse(request, NvmeStatus.SGL_OFFSET_INVALID);
        }
        if (dataLength == 0) {
            return execute(request);
        }
        request.length = dataLength;
        request.dataAddress = request.capsuleData;
        request.state = TcpRequest.State.IN_CAPSULE;
        return request;
    }

    private TcpRequest byTransport(TcpRequest request, int dataLength) {
        long length = Sqe.SGL1_LENGTH.get(request.sqe);
        if (dataLength > 0) {
            return refuse(request, NvmeStatus.INVALID_FIELD_IN_COMMAND);
        }
        if (length == 0) {
            return execute(request);
        }
        if (length > connection.options().maxIoBytes()) {
            return refuse(request, NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR);
        }
        request.length = (int) length;
        connection.answers().takes(request);
        askForBuffer(request);
        return null;
    }

    /** The request gets a buffer now, or when its turn comes. */
    void askForBuffer(TcpRequest request) {
        TransferBuffers buffers = connection.group().buffers();
        long buffer = buffers.take(connection.share(), request.length);
        if (buffer == 0) {
            countWait(buffers.has(request.length));
            request.state = TcpRequest.State.WAITING;
            request.wait.bytes = request.length;
            buffers.await(connection.share(), request.wait);
        } else {
            buffered(request, buffer);
        }
    }

    private void countWait(boolean thereAreSome) {
        TcpCounters counters = connection.group().counters();
        if (thereAreSome) {
            counters.waitedForShare++;
        } else {
            counters.waitedForBuffer++;
        }
    }

    /** A request has its buffer: asks the host for the data, or executes. */
    void buffered(TcpRequest request, long buffer) {
        request.buffer = buffer;
        request.dataAddress = buffer;
        if (request.hostSends) {
            request.state = TcpRequest.State.AWAITING_DATA;
            awaitData();
            connection.answers().r2t(request);
        } else {
            execute(request);
        }
    }

    /** The host owes data for one more request. */
    void awaitData() {
        if (awaitingData++ == 0) {
            owedSinceNanos = now();
        }
    }

    /** Whether the next command may belong to the last. */
    boolean isAfterFused() {
        return afterFused;
    }

    /** Data that an R2T asked for. Returns the request that it belongs to. */
    TcpRequest hostData(long pdu, int dataLength) {
        TcpRequest request = requests.byTag(DataPdu.TTAG.get(pdu));
        if (request == null || request.state != TcpRequest.State.AWAITING_DATA) {
            return connection.faulty(TermReq.SEQUENCE_ERROR, DataPdu.TTAG.offset(), pdu);
        }
        if (DataPdu.CCCID.get(pdu) != request.cid) {
            return connection.faulty(TermReq.SEQUENCE_ERROR, DataPdu.CCCID.offset(), pdu);
        }
        long length = DataPdu.DATAL.get(pdu);
        if (length != dataLength) {
            return connection.faulty(TermReq.INVALID_HEADER_FIELD, Pdu.PLEN.offset(), pdu);
        }
        long end = DataPdu.DATAO.get(pdu) + length;
        if (DataPdu.DATAO.get(pdu) != request.received || end > request.length) {
            return connection.faulty(TermReq.DATA_OUT_OF_RANGE, DataPdu.DATAO.offset(), pdu);
        }
        boolean last = (Pdu.FLAGS.get(pdu) & Pdu.LAST_PDU) != 0;
        if (last != (end == request.length)) {
            return connection.faulty(last ? TermReq.DATA_OUT_OF_RANGE : TermReq.SEQUENCE_ERROR, Pdu.FLAGS.offset(), pdu);
        }
        return request;
    }

    /** All that the command needs is there. */
    TcpRequest execute(TcpRequest request) {
        leaveAwaiting(request);
        if (request.length > 0) {
            request.data.set(request.dataAddress, request.length);
        }
        request.state = TcpRequest.State.EXECUTING;
        connection.queue().execute(request);
        return null;
    }

    /** Ends a command that the core cannot execute. */
    TcpRequest refuse(TcpRequest request, int status) {
        leaveAwaiting(request);
        request.state = TcpRequest.State.EXECUTING;
        connection.queue().refuse(request, status);
        return null;
    }

    private void leaveAwaiting(TcpRequest request) {
        if (request.state == TcpRequest.State.AWAITING_DATA) {
            awaitingData--;
            owedSinceNanos = now();
        }
    }
}
