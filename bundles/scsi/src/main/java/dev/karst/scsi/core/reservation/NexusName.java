package dev.karst.scsi.core.reservation;

import java.util.HexFormat;

/**
 * What reservations know a nexus by.
 *
 * @param initiator TransportID of the initiator port, in hexadecimal
 * @param port RELATIVE TARGET PORT IDENTIFIER
 */
public record NexusName(String initiator, int port) {
    /** The name of a nexus between these two ports. */
    public static NexusName of(byte[] transportId, int port) {
        return new NexusName(HexFormat.of().formatHex(transportId), port);
    }

    /** The TransportID. */
    public byte[] transportId() {
        return HexFormat.of().parseHex(initiator);
    }

    @Override
    public String toString() {
        return port + "/" + initiator;
    }
}
