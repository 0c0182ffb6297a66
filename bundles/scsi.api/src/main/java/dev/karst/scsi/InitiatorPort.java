package dev.karst.scsi;

import java.util.Arrays;

/**
 * An initiator port.
 *
 * @param name SCSI name string; for iSCSI {@code iqn...,i,0x400001370000}
 * @param transportId its TransportID as in SPC-5 7.6.4, by which persistent reservations know it
 */
public record InitiatorPort(String name, byte[] transportId) {
    @Override
    public boolean equals(Object other) {
        return other instanceof InitiatorPort port && name.equals(port.name) && Arrays.equals(transportId, port.transportId);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }
}
