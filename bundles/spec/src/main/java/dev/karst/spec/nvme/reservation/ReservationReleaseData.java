package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Data of Reservation Release: 8 bytes. NVMe Base 2.0, 7.4. */
public final class ReservationReleaseData extends Struct {
    public static final int BYTES = 8;

    /** Current reservation key. */
    public static final U64le CRKEY = u64le(0);
}
