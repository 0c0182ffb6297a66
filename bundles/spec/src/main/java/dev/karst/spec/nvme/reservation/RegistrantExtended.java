package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Registrant extended data structure, with a host identifier of 128 bits: 64 bytes. NVMe Base 2.0, 7.5. */
public final class RegistrantExtended extends Struct {
    public static final int BYTES = 64;

    /** Controller identifier; {@link Registrant#CNTLID_DYNAMIC} where controllers are dynamic. */
    public static final U16le CNTLID = u16le(0);
    /** Reservation status: bit 0 holds the reservation. */
    public static final U8 RCSTS = u8(2);
    /** Reserved. */
    public static final Bytes RSVD3 = bytes(3, 5);
    /** Reservation key. */
    public static final U64le RKEY = u64le(8);
    /** Host identifier. */
    public static final Bytes HOSTID = bytes(16, 16);
    /** Reserved. */
    public static final Bytes RSVD32 = bytes(32, 32);
}
