package dev.karst.iscsi.login;

import dev.karst.spec.iscsi.LoginRequest;

/** The header of a Login Request, out of raw memory. */
public record LoginPdu(int flags, int versionMin, long isid, int tsih, int cid, int itt) {
    private static final int BYTE = 8;

    /** Reads it. */
    public static LoginPdu at(long pdu) {
        return new LoginPdu(LoginRequest.FLAGS.get(pdu), LoginRequest.VERSION_MIN.get(pdu), isid(pdu),
            LoginRequest.TSIH.get(pdu), LoginRequest.CID.get(pdu), (int) LoginRequest.ITT.get(pdu));
    }

    private static long isid(long pdu) {
        long isid = 0;
        for (byte each : LoginRequest.ISID.get(pdu)) {
            isid = isid << BYTE | each & 0xff;
        }
        return isid;
    }

    boolean isTransit() {
        return (flags & LoginRequest.T) != 0;
    }

    boolean goesOn() {
        return (flags & LoginRequest.C) != 0;
    }

    int csg() {
        return flags >> LoginRequest.CSG_SHIFT & LoginRequest.STAGE_MASK;
    }

    int nsg() {
        return flags & LoginRequest.STAGE_MASK;
    }

    /** CSG and NSG as they came. */
    public int stages() {
        return flags & ~(LoginRequest.T | LoginRequest.C);
    }

    /** Whether it belongs to the same login as an earlier one. */
    boolean belongsTo(LoginPdu other) {
        return isid == other.isid && tsih == other.tsih && cid == other.cid && itt == other.itt;
    }
}
