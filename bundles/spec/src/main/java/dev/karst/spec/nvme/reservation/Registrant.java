package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Registrant data structure, with a host identifier of 64 bits: 24 bytes. NVMe Base 2.0, 7.5. */
public final class Registrant extends Struct {
    public static final int BYTES = 24;

    /** Controller identifier; {@link #CNTLID_DYNAMIC} where controllers are dynamic. */
    public static final U16le CNTLID = u16le(0);
    /** Reservation status: bit 0 holds the reservation. */
    public static final U8 RCSTS = u8(2);
    /** Reserved. */
    public static final Bytes RSVD3 = bytes(3, 5);
    /** Host identifier. */
    public static final U64le HOSTID = u64le(8);
    /** Reservation key. */
    public static final U64le RKEY = u64le(16);

    /** {@link #CNTLID}: the controllers of the host are dynamic. */
    public static final int CNTLID_DYNAMIC = 0xffff;
}
