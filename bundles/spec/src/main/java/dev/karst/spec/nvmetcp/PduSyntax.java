package dev.karst.spec.nvmetcp;

/**
 * The syntax that all PDUs with digests share, whoever sends them, and faults in it. A fault is a fatal error status and its
 * information, packed, as a termination request tells them: {@link TermReq#FES}, {@link TermReq#FEI}. 0 is none.
 */
public final class PduSyntax {
    /** No fault. */
    public static final long NONE = 0;

    /** No PDU that a peer could mean is longer; one above a negotiated limit but below this is told so. */
    private static final long PLEN_MAX = 1L << 24;

    private PduSyntax() {}

    /** A fault of that status and information. */
    public static long fault(int fes, long fei) {
        return (long) fes << 32 | fei & 0xffff_ffffL;
    }

    /** The status of a fault. */
    public static int fes(long fault) {
        return (int) (fault >>> 32);
    }

    /** The information of a fault. */
    public static int fei(long fault) {
        return (int) fault;
    }

    /** The field that begins at that byte of the header is wrong. */
    public static long field(int offset) {
        return fault(TermReq.INVALID_HEADER_FIELD, offset);
    }

    /**
     * Checks flags, data offset and length of a PDU that carries digests where they are in use.
     *
     * @param header its first 8 bytes
     * @param hlen the header length of its type
     * @param digests the digests in use, as {@link IcReq#DGST} has them
     * @param dataMax most bytes of data that it may carry
     * @return the first fault, or {@link #NONE}
     */
    public static long withData(long header, int hlen, int digests, int dataMax) {
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

    /** Bytes of data in a PDU whose header has been checked. */
    public static int dataLength(long header, int digests) {
        int hlen = Pdu.HLEN.get(header);
        int headerEnd = hlen + ((digests & IcReq.HDGST_ENABLE) != 0 ? Pdu.DIGEST_BYTES : 0);
        int plen = (int) Pdu.PLEN.get(header);
        if (plen == headerEnd) {
            return 0;
        }
        return plen - Pdu.PDO.get(header) - ((digests & IcReq.DDGST_ENABLE) != 0 ? Pdu.DIGEST_BYTES : 0);
    }
}
