package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Reservation Notification log page, LID 80h: 64 bytes, one notification. NVMe Base 2.0, 5.16.1. */
public final class ReservationLog extends Struct {
    public static final int BYTES = 64;

    /** Log page count: which notification of the controller it is, from 1; 0 for none. */
    public static final U64le LPC = u64le(0);
    /** Reservation notification log page type. */
    public static final U8 RNLPT = u8(8);
    /** Number of log pages that follow; 255 for more. */
    public static final U8 NALP = u8(9);
    /** Reserved. */
    public static final U16le RSVD10 = u16le(10);
    /** Namespace identifier. */
    public static final U32le NSID = u32le(12);
    /** Reserved. */
    public static final Bytes RSVD16 = bytes(16, 48);

    /** {@link #RNLPT}: there is no notification. */
    public static final int RNLPT_EMPTY = 0;
    /** {@link #RNLPT}: registration preempted. */
    public static final int RNLPT_REGISTRATION_PREEMPTED = 1;
    /** {@link #RNLPT}: reservation released. */
    public static final int RNLPT_RESERVATION_RELEASED = 2;
    /** {@link #RNLPT}: reservation preempted. */
    public static final int RNLPT_RESERVATION_PREEMPTED = 3;
}
