package dev.karst.scsi;

/**
 * A target port.
 *
 * @param relativeId RELATIVE TARGET PORT IDENTIFIER, from 1
 * @param name SCSI name string; for iSCSI {@code iqn...,t,0x0001}. Empty for none
 * @param protocol PROTOCOL IDENTIFIER, SPC-5 table 508: {@link #ISCSI} or {@link #NONE}
 */
public record TargetPort(int relativeId, String name, int protocol) {
    /** A PROTOCOL IDENTIFIER. */
    public static final int ISCSI = 5;
    /** A PROTOCOL IDENTIFIER: none of those that have a number. */
    public static final int NONE = 15;
}
