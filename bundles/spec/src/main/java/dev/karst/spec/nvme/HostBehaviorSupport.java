package dev.karst.spec.nvme;

import dev.karst.base.Struct;

/** Data of the feature Host Behavior Support, 16h: 512 bytes. NVMe Base 2.1, 5.1.25.1.14. */
public final class HostBehaviorSupport extends Struct {
    public static final int BYTES = 512;

    /** Advanced command retry enable: the host goes by Command Retry Delays. */
    public static final U8 ACRE = u8(0);
    /** Extended telemetry data area 4 supported. */
    public static final U8 ETDAS = u8(1);
    /** LBA format extension enable: the host knows protection information other than with a guard of 16 bits. */
    public static final U8 LBAFEE = u8(2);
    /** Host dispersed namespace support. */
    public static final U8 HDISNS = u8(3);
    /** Copy descriptor formats enable: bits 2 to 4. */
    public static final U16le CDFE = u16le(4);
    /** Reserved. */
    public static final Bytes RSVD6 = bytes(6, 506);
}
