package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.nvmetcp.CapsuleCmd;
import dev.karst.spec.nvmetcp.DataPdu;
import dev.karst.spec.nvmetcp.IcReq;
import dev.karst.spec.nvmetcp.Pdu;
import dev.karst.spec.nvmetcp.PduSyntax;
import dev.karst.spec.nvmetcp.TermReq;

/**
 * The syntax of PDUs that a host sends, before anything is done with them. Faults are as {@link PduSyntax} has them.
 */
@ReactorConfined
final class PduChecks {
    private PduChecks() {}

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
            return PduSyntax.field(0);
        }
        if (Pdu.HLEN.get(header) != hlen) {
            return PduSyntax.field(2);
        }
        long plen = Pdu.PLEN.get(header);
        if (type == Pdu.ICREQ) {
            return plen == IcReq.BYTES ? PduSyntax.NONE : PduSyntax.field(4);
        }
        if (type == Pdu.H2C_TERM_REQ) {
            return plen >= hlen && plen <= hlen + TermReq.DATA_BYTES_MAX ? PduSyntax.NONE : PduSyntax.field(4);
        }
        return PduSyntax.withData(header, hlen, digests, dataMax);
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
            return PduSyntax.field(8);
        }
        return IcReq.HPDA.get(pdu) > IcReq.HPDA_MAX ? PduSyntax.field(10) : PduSyntax.NONE;
    }
}
