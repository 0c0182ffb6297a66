package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Data of Reservation Register: 16 bytes. NVMe Base 2.0, 7.3. */
public final class ReservationRegisterData extends Struct {
    public static final int BYTES = 16;

    /** Current reservation key. */
    public static final U64le CRKEY = u64le(0);
    /** New reservation key. */
    public static final U64le NRKEY = u64le(8);
}
