package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.nvmetcp.CapsuleCmd;
import dev.karst.spec.nvmetcp.DataPdu;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.TermReq;

/**
 * The syntax of PDUs that a host sends, before anything is done with them. A fault is a fatal error status and its
 * information, packed; 0 is none.
 */
@ReactorConfined
final class PduChecks {
    static final long NONE = 0;

    /** No PDU that a host could mean is longer; one above a negotiated limit but below this is told so. */
    private static final long PLEN_MAX = 1L << 24;

    private PduChecks() {}

    static long fault(int fes, long fei) {
        return (long) fes << 32 | fei & 0xffff_ffffL;
    }

    static int fes(long fault) {
        return (int) (fault >>> 32);
    }

    static int fei(long fault) {
        return (int) fault;
    }

    private static long field(int offset) {
        return fault(TermReq.INVALID_HEADER_FIELD, offset);
    }

    /**
     * Checks the 8 bytes that every PDU begins with.
     *
     * @param header where they are
     * @param digests the digests in use, as {@link IcReq#DGST} has them
     * @param dataMax most bytes of data that a PDU may carry
     */
    static long common(long header, int digests, int dataMax) {
        int type = Pdu.TYPE.get(header);
        int hlen = headerLength(type);
        if (hlen == 0) {
            return field(0);
        }
        if (Pdu.HLEN.get(header) != hlen) {
            return field(2);
        }
        long plen = Pdu.PLEN.get(header);
        if (type == Pdu.ICREQ) {
            return plen == IcReq.BYTES ? NONE : field(4);
        }
        if (type == Pdu.H2C_TERM_REQ) {
            return plen >= hlen && plen <= hlen + TermReq.DATA_BYTES_MAX ? NONE : field(4);
        }
        return withData(header, hlen, digests, dataMax);
    }

    private static long withData(long header, int hlen, int digests, int dataMax) {
        int flags = Pdu.FLAGS.get(header);
        boolean headerDigest = (digests & IcReq.HDGST_ENABLE) != 0;
        if (headerDigest != ((flags & Pdu.HDGSTF) != 0)) {
            return field(1);
        }
        int headerEnd = hlen + (headerDigest ? Pdu.DIGEST_BYTES : 0);
        long plen = Pdu.PLEN.get(header);
        if (plen < headerEnd || plen > PLEN_MAX) {
            return field(4);
        }
        int pdo = Pdu.PDO.get(header);
        boolean hasData = plen > headerEnd;
        if ((hasData || pdo != 0) && (pdo < headerEnd || pdo % 4 != 0 || pdo > plen)) {
            return field(3);
        }
        if (!hasData) {
            return NONE;
        }
        boolean dataDigest = (digests & IcReq.DDGST_ENABLE) != 0;
        if (dataDigest != ((flags & Pdu.DDGSTF) != 0)) {
            return field(1);
        }
        long data = plen - pdo - (dataDigest ? Pdu.DIGEST_BYTES : 0);
        if (data <= 0) {
            return field(4);
        }
        return data <= dataMax ? NONE : fault(TermReq.LIMIT_EXCEEDED, 4);
    }

    /** The only header length of a PDU that a host may send; 0 for any other type. */
    private static int headerLength(int type) {
        return switch (type) {
            case Pdu.ICREQ -> IcReq.BYTES;
            case Pdu.H2C_TERM_REQ -> TermReq.BYTES;
            case Pdu.CAPSULE_CMD -> CapsuleCmd.BYTES;
            case Pdu.H2C_DATA -> DataPdu.BYTES;
            default -> 0;
        };
    }

    /** Checks what an ICReq asks for. */
    static long icReq(long pdu) {
        if (IcReq.PFV.get(pdu) != 0) {
            return field(8);
        }
        return IcReq.HPDA.get(pdu) > IcReq.HPDA_MAX ? field(10) : NONE;
    }

    /** Bytes of data in a PDU whose header has been checked. */
    static int dataLength(long header, int digests) {
        int hlen = Pdu.HLEN.get(header);
        int headerEnd = hlen + ((digests & IcReq.HDGST_ENABLE) != 0 ? Pdu.DIGEST_BYTES : 0);
        int plen = (int) Pdu.PLEN.get(header);
        if (plen == headerEnd) {
            return 0;
        }
        return plen - Pdu.PDO.get(header) - ((digests & IcReq.DDGST_ENABLE) != 0 ? Pdu.DIGEST_BYTES : 0);
    }
}
