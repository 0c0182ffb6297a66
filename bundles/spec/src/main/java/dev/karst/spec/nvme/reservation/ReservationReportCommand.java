package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Reservation Report command: 64 bytes. NVMe Base 2.0, 7.5. */
public final class ReservationReportCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link dev.karst.spec.nvme.Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Number of dwords wanted, less one. */
    public static final U32le NUMD = u32le(40);
    /** Extended data structure: host identifiers of 128 bits. */
    public static final Bits EDS = bits(44, 4, 0, 1);
    /** Reserved, and fields not named here. */
    public static final Bits RSVD44 = bits(44, 4, 1, 31);
    /** Reserved. */
    public static final Bytes CDW12 = bytes(48, 16);
}
