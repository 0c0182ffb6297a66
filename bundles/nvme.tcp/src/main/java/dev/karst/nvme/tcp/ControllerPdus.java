package dev.karst.nvme.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.nvmetcp.CapsuleResp;
import dev.karst.spec.nvmetcp.DataPdu;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.IcResp;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import dev.karst.spec.nvmetcp.TermReq;

/** The syntax of PDUs that a controller sends, before anything is done with them. Faults are as {@link PduSyntax} has them. */
@ReactorConfined
final class ControllerPdus {
    /** Least MAXH2CDATA. NVMe TCP Transport 1.0, 3.6.2.3. */
    private static final int MAXH2CDATA_MIN = 4096;

    private static final String[] FATAL_ERRORS = {
        "no reason", "an invalid header field", "a sequence error", "a header digest error", "data out of range",
        "a limit exceeded", "an unsupported parameter"
    };

    private ControllerPdus() {}

    /**
     * Checks the 8 bytes that every PDU begins with.
     *
     * @param header where they are
     * @param digests the digests in use, as {@link IcReq#DGST} has them
     * @param first whether an ICResp is due
     */
    static long common(long header, int digests, boolean first) {
        int type = Pdu.TYPE.get(header);
        int hlen = headerLength(type);
        if (hlen == 0) {
            return PduSyntax.field(0);
        }
        if (Pdu.HLEN.get(header) != hlen) {
            return PduSyntax.field(2);
        }
        long plen = Pdu.PLEN.get(header);
        if (type == Pdu.C2H_TERM_REQ) {
            return plen >= hlen && plen <= hlen + TermReq.DATA_BYTES_MAX ? PduSyntax.NONE : PduSyntax.field(4);
        }
        if (first != (type == Pdu.ICRESP)) {
            return PduSyntax.fault(TermReq.SEQUENCE_ERROR, 0);
        }
        if (type == Pdu.ICRESP) {
            return plen == hlen ? PduSyntax.NONE : PduSyntax.field(4);
        }
        long fault = PduSyntax.withData(header, hlen, digests, Integer.MAX_VALUE);
        if (fault != PduSyntax.NONE) {
            return fault;
        }
        boolean hasData = PduSyntax.dataLength(header, digests) > 0;
        return hasData == (type == Pdu.C2H_DATA) ? PduSyntax.NONE : PduSyntax.field(4);
    }

    /** The only header length of a PDU that a controller may send; 0 for any other type. */
    private static int headerLength(int type) {
        return switch (type) {
            case Pdu.ICRESP -> IcResp.BYTES;
            case Pdu.C2H_TERM_REQ -> TermReq.BYTES;
            case Pdu.CAPSULE_RESP -> CapsuleResp.BYTES;
            case Pdu.C2H_DATA, Pdu.R2T -> DataPdu.BYTES;
            default -> 0;
        };
    }

    /** Checks what an ICResp offers to a host that asked for these digests. */
    static long icResp(long pdu, int digests) {
        if (IcResp.PFV.get(pdu) != 0) {
            return PduSyntax.field(8);
        }
        if (IcResp.CPDA.get(pdu) > IcReq.HPDA_MAX) {
            return PduSyntax.field(10);
        }
        if (IcResp.DGST.get(pdu) != digests) {
            return PduSyntax.fault(TermReq.UNSUPPORTED_PARAMETER, 11);
        }
        long most = IcResp.MAXH2CDATA.get(pdu);
        return most >= MAXH2CDATA_MIN && most % 4 == 0 ? PduSyntax.NONE : PduSyntax.field(12);
    }

    /** A fault for a person to read. */
    static String text(int fes, int fei) {
        String error = fes < FATAL_ERRORS.length ? FATAL_ERRORS[fes] : "fatal error " + fes;
        return error + " (" + Integer.toUnsignedString(fei) + ")";
    }
}
