package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Reservation Release command: 64 bytes. NVMe Base 2.0, 7.4. */
public final class ReservationReleaseCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link dev.karst.spec.nvme.Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Reservation release action. */
    public static final Bits RRELA = bits(40, 4, 0, 3);
    /** Ignore existing key: must be 0. */
    public static final Bits IEKEY = bits(40, 4, 3, 1);
    /** Reserved, and fields not named here. */
    public static final Bits RSVD40 = bits(40, 4, 4, 4);
    /** Reservation type. */
    public static final Bits RTYPE = bits(40, 4, 8, 8);
    /** Reserved. */
    public static final Bits RSVD42 = bits(40, 4, 16, 16);
    /** Reserved. */
    public static final Bytes CDW11 = bytes(44, 20);

    /** {@link #RRELA}: release the reservation. */
    public static final int RRELA_RELEASE = 0;
    /** {@link #RRELA}: release the reservation and unregister everybody. */
    public static final int RRELA_CLEAR = 1;
}
