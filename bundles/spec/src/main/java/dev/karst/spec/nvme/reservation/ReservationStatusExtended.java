package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Extended Reservation Status data structure, without its registrants: 64 bytes. NVMe Base 2.0, 7.5. */
public final class ReservationStatusExtended extends Struct {
    public static final int BYTES = 64;

    /** Generation: counts changes of the registrations. */
    public static final U32le GEN = u32le(0);
    /** Reservation type; 0 for none. */
    public static final U8 RTYPE = u8(4);
    /** Number of registrants. */
    public static final U16le REGSTRNT = u16le(5);
    /** Reserved. */
    public static final U16le RSVD7 = u16le(7);
    /** Persist Through Power Loss state. */
    public static final U8 PTPLS = u8(9);
    /** Reserved. */
    public static final Bytes RSVD10 = bytes(10, 54);
}
