package dev.karst.iscsi.login;

/** What was negotiated; the standard's default values at first. RFC 7143, 13. Not changed any more after the login. */
public final class Parameters {
    /** Most bytes of data in a PDU of the initiator, as it is told. */
    public static final int OWN_MAX_RECV = 64 * 1024;
    /** Most bytes of data in a PDU before anything else was declared. */
    public static final int USUAL_MAX_RECV = 8192;
    /** Most bytes of unsolicited data. */
    public static final int MAX_FIRST_BURST = 64 * 1024;
    /** Most bytes of a sequence of PDUs. */
    public static final int MAX_BURST = 1 << 20;

    public boolean headerDigest;
    public boolean dataDigest;
    /** Most bytes of data in a PDU of the target. */
    public int initiatorMaxRecv = USUAL_MAX_RECV;
    /** Most bytes of data in a PDU of the initiator. */
    public int ownMaxRecv = USUAL_MAX_RECV;

    public int maxConnections = 1;
    public boolean initialR2t = true;
    public boolean immediateData = true;
    public int maxBurst = 256 * 1024;
    public int firstBurst = 64 * 1024;
    public int time2Wait = 2;
    public int time2Retain = 20;
    public int maxOutstandingR2t = 1;
}
