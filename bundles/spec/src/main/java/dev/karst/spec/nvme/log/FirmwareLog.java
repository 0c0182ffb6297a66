package dev.karst.spec.nvme.log;

import dev.karst.base.Struct;

/** Firmware Slot Information log page, LID 03h: 512 bytes. NVMe Base 2.1, 5.1.12.1.4. */
public final class FirmwareLog extends Struct {
    public static final int BYTES = 512;

    /** Active firmware information: 2:0 active slot, 6:4 slot after the next reset. */
    public static final U8 AFI = u8(0);
    /** Reserved. */
    public static final Bytes RSVD1 = bytes(1, 7);
    /** Firmware revision of slot 1. */
    public static final Text FRS1 = ascii(8, 8);
    /** Firmware revisions of slots 2 to 7. */
    public static final Bytes FRS = bytes(16, 48);
    /** Reserved. */
    public static final Bytes RSVD64 = bytes(64, 448);
}
