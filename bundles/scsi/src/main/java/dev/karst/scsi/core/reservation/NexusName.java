package dev.karst.scsi.core.reservation;

import dev.karst.scsi.TargetPort;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What reservations know a nexus by.
 *
 * @param initiator TransportID of the initiator port, in hexadecimal
 * @param port RELATIVE TARGET PORT IDENTIFIER
 */
public record NexusName(String initiator, int port) {
    private static final int HEAD_BYTES = 4;
    private static final int PROTOCOL_MASK = 0x0f;

    /** The name of a nexus between these two ports. */
    public static NexusName of(byte[] transportId, int port) {
        return new NexusName(HexFormat.of().formatHex(transportId), port);
    }

    /** The TransportID. */
    public byte[] transportId() {
        return HexFormat.of().parseHex(initiator);
    }

    /** The initiator for a person to read: an iSCSI name as such, any other TransportID in hexadecimal. */
    public String readable() {
        byte[] id = transportId();
        boolean isIscsi = id.length > HEAD_BYTES && (id[0] & PROTOCOL_MASK) == TargetPort.ISCSI;
        return !isIscsi ? initiator
            : new String(id, HEAD_BYTES, id.length - HEAD_BYTES, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "");
    }

    @Override
    public String toString() {
        return port + "/" + initiator;
    }
}
