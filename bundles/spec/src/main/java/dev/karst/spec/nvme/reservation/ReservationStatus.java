package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Reservation Status data structure, without its registrants: 24 bytes. NVMe Base 2.0, 7.5. */
public final class ReservationStatus extends Struct {
    public static final int BYTES = 24;

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
    public static final Bytes RSVD10 = bytes(10, 14);

    /** {@link #RTYPE}: there is no reservation. */
    public static final int RTYPE_NONE = 0;
    /** {@link #RTYPE}: Write Exclusive. */
    public static final int RTYPE_WRITE_EXCLUSIVE = 1;
    /** {@link #RTYPE}: Exclusive Access. */
    public static final int RTYPE_EXCLUSIVE_ACCESS = 2;
    /** {@link #RTYPE}: Write Exclusive - Registrants Only. */
    public static final int RTYPE_WRITE_EXCLUSIVE_REGISTRANTS = 3;
    /** {@link #RTYPE}: Exclusive Access - Registrants Only. */
    public static final int RTYPE_EXCLUSIVE_ACCESS_REGISTRANTS = 4;
    /** {@link #RTYPE}: Write Exclusive - All Registrants. */
    public static final int RTYPE_WRITE_EXCLUSIVE_ALL = 5;
    /** {@link #RTYPE}: Exclusive Access - All Registrants. */
    public static final int RTYPE_EXCLUSIVE_ACCESS_ALL = 6;
}
