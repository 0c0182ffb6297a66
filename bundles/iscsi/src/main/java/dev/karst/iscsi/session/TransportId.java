package dev.karst.iscsi.session;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The TransportID of an iSCSI initiator port. SPC-5, 7.6.4.6. */
final class TransportId {
    /** TPID FORMAT 01b, PROTOCOL IDENTIFIER iSCSI. */
    private static final byte WITH_ISID = 0x45;
    private static final int HEADER_BYTES = 4;
    private static final int LEAST_BYTES = 24;

    private TransportId() {}

    /** Of the port's name: that of the initiator, and its ISID. */
    static byte[] of(String portName) {
        byte[] name = portName.getBytes(StandardCharsets.UTF_8);
        int bytes = Math.max(LEAST_BYTES, HEADER_BYTES + (name.length + 1 + 3 & -4));
        byte[] id = Arrays.copyOf(new byte[] {WITH_ISID, 0, (byte) (bytes - HEADER_BYTES >> 8), (byte) (bytes - HEADER_BYTES)}, bytes);
        System.arraycopy(name, 0, id, HEADER_BYTES, name.length);
        return id;
    }
}
