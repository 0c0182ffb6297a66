package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Reservation Register command: 64 bytes. NVMe Base 2.0, 7.3. */
public final class ReservationRegisterCommand extends Struct {
    public static final int BYTES = 64;

    /** Command dwords 0 to 9, see {@link dev.karst.spec.nvme.Sqe}. */
    public static final Bytes COMMON = bytes(0, 40);
    /** Reservation register action. */
    public static final Bits RREGA = bits(40, 4, 0, 3);
    /** Ignore existing key. */
    public static final Bits IEKEY = bits(40, 4, 3, 1);
    /** Reserved, and fields not named here. */
    public static final Bits RSVD40 = bits(40, 4, 4, 26);
    /** Change Persist Through Power Loss state. */
    public static final Bits CPTPL = bits(40, 4, 30, 2);
    /** Reserved. */
    public static final Bytes CDW11 = bytes(44, 20);

    /** {@link #RREGA}: register {@link ReservationRegisterData#NRKEY}. */
    public static final int RREGA_REGISTER = 0;
    /** {@link #RREGA}: unregister. */
    public static final int RREGA_UNREGISTER = 1;
    /** {@link #RREGA}: replace the key. */
    public static final int RREGA_REPLACE = 2;
    /** {@link #CPTPL}: no change. */
    public static final int CPTPL_NO_CHANGE = 0;
    /** {@link #CPTPL}: reservations and registrations end with the power. */
    public static final int CPTPL_CLEAR = 2;
    /** {@link #CPTPL}: reservations and registrations persist through a power loss. */
    public static final int CPTPL_PERSIST = 3;
}
