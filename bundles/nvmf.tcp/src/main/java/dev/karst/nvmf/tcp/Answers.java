package dev.karst.nvmf.tcp;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.spec.nvme.Cqe;
import dev.karst.spec.nvmetcp.CapsuleResp;
import dev.karst.spec.nvmetcp.DataPdu;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.IcResp;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import dev.karst.spec.nvmetcp.TermReq;

/** Composes the PDUs that a connection sends, and queues them. */
@ReactorConfined
final class Answers {
    /** Memory for an ICResp and a C2HTermReq. */
    static final int CONTROL_BYTES = 512;

    private static final int TERM_REQ = 256;

    private final TcpConnection connection;
    private final long control;
    private int digests;
    /** What the offset of data in a PDU to the host must be a multiple of. */
    private int hostAlignment = 4;

    Answers(TcpConnection connection, long control) {
        this.connection = connection;
        this.control = control;
    }

    /** Writes what was negotiated. */
    void save(StateWriter state) {
        state.number(digests).number(hostAlignment);
    }

    /** Goes on from what was saved. */
    void restore(StateReader state) throws StorageException {
        digests = state.number(0, IcReq.HDGST_ENABLE | IcReq.DDGST_ENABLE);
        hostAlignment = state.number(4, (IcReq.HPDA_MAX + 1) * 4);
    }

    /** The digests in use. */
    int digests() {
        return digests;
    }

    void icResp(int digests, int hpda, int maxH2cData) {
        Mem.fill(control, IcResp.BYTES, (byte) 0);
        Pdu.TYPE.set(control, Pdu.ICRESP);
        Pdu.HLEN.set(control, IcResp.BYTES);
        Pdu.PLEN.set(control, IcResp.BYTES);
        IcResp.DGST.set(control, digests);
        IcResp.MAXH2CDATA.set(control, maxH2cData);
        this.digests = digests;
        this.hostAlignment = (hpda + 1) * 4;
        send(control, IcResp.BYTES, null);
    }

    void termReq(long fault, long wrong, int wrongBytes) {
        long pdu = control + TERM_REQ;
        int copied = wrong == 0 ? 0 : wrongBytes;
        Mem.fill(pdu, TermReq.BYTES, (byte) 0);
        Pdu.TYPE.set(pdu, Pdu.C2H_TERM_REQ);
        Pdu.HLEN.set(pdu, TermReq.BYTES);
        Pdu.PLEN.set(pdu, TermReq.BYTES + copied);
        TermReq.FES.set(pdu, PduSyntax.fes(fault));
        TermReq.FEI.set(pdu, PduSyntax.fei(fault));
        if (copied > 0) {
            Mem.copy(wrong, pdu + TermReq.BYTES, copied);
        }
        send(pdu, TermReq.BYTES + copied, null);
    }

    /** Asks for all data of a write at once. */
    void r2t(TcpRequest request) {
        long pdu = request.r2t();
        header(pdu, Pdu.R2T, 0, DataPdu.BYTES, 0);
        Mem.setLong(pdu + DataPdu.CCCID.offset(), request.cid | (long) RequestTable.tagOf(request) << 16);
        Mem.setLong(pdu + DataPdu.DATAL.offset(), request.length);
        send(pdu, seal(pdu, DataPdu.BYTES), null);
    }

    /** Sends the answer to a command: data if there is any, and a response unless the data says it all. */
    void respond(TcpRequest request) {
        boolean withData = request.status == 0 && !request.hostSends && request.answerLength > 0;
        boolean dataSaysAll = withData && request.result == 0 && connection.options().c2hSuccess();
        if (withData) {
            data(request, dataSaysAll);
        }
        if (!dataSaysAll) {
            response(request);
        }
    }

    private void data(TcpRequest request, boolean last) {
        long pdu = request.dataHeader();
        int length = request.answerLength;
        boolean digested = (digests & IcReq.DDGST_ENABLE) != 0;
        int flags = Pdu.LAST_PDU | (last ? Pdu.SUCCESS : 0) | (digested ? Pdu.DDGSTF : 0);
        header(pdu, Pdu.C2H_DATA, flags, DataPdu.BYTES, length + (digested ? Pdu.DIGEST_BYTES : 0));
        Mem.setLong(pdu + DataPdu.CCCID.offset(), request.cid);
        Mem.setLong(pdu + DataPdu.DATAL.offset(), length);
        int headerBytes = seal(pdu, DataPdu.BYTES);
        send(pdu, headerBytes, null);
        pad(pdu, headerBytes);
        long shown = request.view.address();
        long address = shown != 0 ? shown : request.zeros ? connection.group().zeros() : request.dataAddress;
        send(address, length, last && !digested ? request : null);
        if (digested) {
            Mem.setInt(request.dataDigest(), connection.group().crc().of(address, length));
            send(request.dataDigest(), Pdu.DIGEST_BYTES, last ? request : null);
        }
    }

    /** Says what data can be sent from: zeros of its own, and the memory of a device, which may change between its digest and the sending. */
    void takes(TcpRequest request) {
        request.takesZeros = request.length <= TcpGroup.ZEROS_BYTES;
        request.takesView = (digests & IcReq.DDGST_ENABLE) == 0;
    }

    private void pad(long pdu, int headerBytes) {
        int padding = Pdu.PDO.get(pdu) - headerBytes;
        if (padding > 0) {
            send(connection.group().zeros(), padding, null);
        }
    }

    private void response(TcpRequest request) {
        long pdu = request.response();
        long cqe = pdu + CapsuleResp.CQE.offset();
        header(pdu, Pdu.CAPSULE_RESP, 0, CapsuleResp.BYTES, 0);
        Mem.setLong(cqe, request.result);
        Mem.setLong(cqe + Cqe.SQHD.offset(), request.sqhd & 0xffffL | (long) request.cid << 32 | (long) request.status << 49);
        send(pdu, seal(pdu, CapsuleResp.BYTES), request);
    }

    private void header(long pdu, int type, int flags, int hlen, int behind) {
        boolean digested = (digests & IcReq.HDGST_ENABLE) != 0;
        int end = hlen + (digested ? Pdu.DIGEST_BYTES : 0);
        int pdo = behind == 0 ? 0 : (end + hostAlignment - 1) / hostAlignment * hostAlignment;
        int allFlags = flags | (digested ? Pdu.HDGSTF : 0);
        long plen = behind == 0 ? end : pdo + behind;
        Mem.setLong(pdu, type | allFlags << 8 | hlen << 16 | (long) pdo << 24 | plen << 32);
    }

    /** Adds the digest of a header that is complete. Returns its length with it. */
    private int seal(long pdu, int hlen) {
        if ((digests & IcReq.HDGST_ENABLE) == 0) {
            return hlen;
        }
        Mem.setInt(pdu + hlen, connection.group().crc().of(pdu, hlen));
        return hlen + Pdu.DIGEST_BYTES;
    }

    private void send(long address, int length, TcpRequest owner) {
        connection.sender().add(address, length, owner);
        connection.dirty();
    }
}
