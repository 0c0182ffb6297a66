package dev.karst.nvme.tcp;

import dev.karst.base.Crc32c;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.nvme.NvmeRequest;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvmetcp.CapsuleCmd;
import dev.karst.spec.nvmetcp.DataPdu;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import dev.karst.spec.nvmetcp.TermReq;

/** Composes the PDUs that a host sends, words at a time, in the {@link Output}, where there must be room. */
@ReactorConfined
final class PduWriter {
    /** SQE byte 1: PSDT. */
    private static final long SGL = (long) Sqe.PSDT_SGL << 14;
    private static final long IN_CAPSULE = (long) (Sqe.SGL_DATA_BLOCK << 4 | Sqe.SGL_OFFSET) << 56;
    private static final long BY_TRANSPORT = (long) (Sqe.SGL_TRANSPORT_DATA_BLOCK << 4 | Sqe.SGL_TRANSPORT) << 56;

    private final Output output;
    private final Crc32c crc;
    private boolean headerDigest;
    private boolean dataDigest;
    /** What the offset of data in a PDU must be a multiple of. */
    private int alignment = 4;

    PduWriter(Output output, Crc32c crc) {
        this.output = output;
        this.crc = crc;
    }

    /** From the next PDU on these digests are in use, and data lies as the controller's CPDA says. */
    void negotiated(int digests, int cpda) {
        headerDigest = (digests & IcReq.HDGST_ENABLE) != 0;
        dataDigest = (digests & IcReq.DDGST_ENABLE) != 0;
        alignment = (cpda + 1) * 4;
    }

    void icReq(int digests, int r2ts) {
        long pdu = output.reserve(IcReq.BYTES);
        Mem.fill(pdu, IcReq.BYTES, (byte) 0);
        Pdu.TYPE.set(pdu, Pdu.ICREQ);
        Pdu.HLEN.set(pdu, IcReq.BYTES);
        Pdu.PLEN.set(pdu, IcReq.BYTES);
        IcReq.DGST.set(pdu, digests);
        IcReq.MAXR2T.set(pdu, r2ts - 1);
    }

    /** Tells of a fault in the PDU at {@code wrong}. */
    void termReq(long fault, long wrong, int wrongBytes) {
        int copied = Math.min(wrongBytes, TermReq.DATA_BYTES_MAX);
        long pdu = output.reserve(TermReq.BYTES + copied);
        Mem.fill(pdu, TermReq.BYTES, (byte) 0);
        Pdu.TYPE.set(pdu, Pdu.H2C_TERM_REQ);
        Pdu.HLEN.set(pdu, TermReq.BYTES);
        Pdu.PLEN.set(pdu, TermReq.BYTES + copied);
        TermReq.FES.set(pdu, PduSyntax.fes(fault));
        TermReq.FEI.set(pdu, PduSyntax.fei(fault));
        Mem.copy(wrong, pdu + TermReq.BYTES, copied);
    }

    /** A command, with its data or without. */
    void capsule(NvmeRequest request, Flight flight, boolean inCapsule) {
        int bytes = (int) request.data.bytes();
        long pdu = header(Pdu.CAPSULE_CMD, 0, CapsuleCmd.BYTES, inCapsule ? bytes : 0);
        long sqe = pdu + CapsuleCmd.SQE.offset();
        Mem.setLong(sqe, request.opcode | (long) request.fuse << 8 | SGL | (long) flight.cid << 16 | (long) request.nsid << 32);
        Mem.setLong(sqe + Sqe.CDW2.offset(), request.cdw2and3);
        Mem.setLong(sqe + Sqe.MPTR.offset(), 0);
        Mem.setLong(sqe + Sqe.SGL1_ADDRESS.offset(), 0);
        Mem.setLong(sqe + Sqe.SGL1_LENGTH.offset(), bytes & 0xffff_ffffL | (inCapsule ? IN_CAPSULE : BY_TRANSPORT));
        Mem.setLong(sqe + Sqe.CDW10.offset(), request.cdw10and11);
        Mem.setLong(sqe + Sqe.CDW12.offset(), request.cdw12and13);
        Mem.setLong(sqe + Sqe.CDW14.offset(), request.cdw14and15);
        seal(pdu, CapsuleCmd.BYTES);
        if (inCapsule) {
            data(request, flight, 0, bytes);
        }
    }

    /** Data that an R2T asked for; {@code last} when it is the end of it. */
    void hostData(NvmeRequest request, Flight flight, int tag, long offset, int length, boolean last) {
        long pdu = header(Pdu.H2C_DATA, last ? Pdu.LAST_PDU : 0, DataPdu.BYTES, length);
        Mem.setLong(pdu + DataPdu.CCCID.offset(), flight.cid | (long) tag << 16 | offset << 32);
        Mem.setLong(pdu + DataPdu.DATAL.offset(), length);
        seal(pdu, DataPdu.BYTES);
        data(request, flight, offset, length);
    }

    /** Reserves a header with what pads it, and composes its first 8 bytes. */
    private long header(int type, int moreFlags, int hlen, int data) {
        int end = hlen + (headerDigest ? Pdu.DIGEST_BYTES : 0);
        boolean digested = dataDigest && data > 0;
        int flags = moreFlags | (headerDigest ? Pdu.HDGSTF : 0) | (digested ? Pdu.DDGSTF : 0);
        int pdo = data == 0 ? 0 : (end + alignment - 1) / alignment * alignment;
        int bytes = data == 0 ? end : pdo;
        long plen = bytes + (long) data + (digested ? Pdu.DIGEST_BYTES : 0);
        long pdu = output.reserve(bytes);
        if (bytes > end) {
            Mem.fill(pdu + end, bytes - end, (byte) 0);
        }
        Mem.setLong(pdu, type | flags << 8 | hlen << 16 | (long) pdo << 24 | plen << 32);
        return pdu;
    }

    private void seal(long pdu, int hlen) {
        if (headerDigest) {
            Mem.setInt(pdu + hlen, crc.of(pdu, hlen));
        }
    }

    private void data(NvmeRequest request, Flight flight, long offset, int length) {
        output.add(flight, request.data, offset, length);
        if (dataDigest) {
            crc.reset();
            crc.update(request.data, offset, length);
            Mem.setInt(output.reserve(Pdu.DIGEST_BYTES), crc.value());
        }
    }
}
