package dev.karst.spec.nvme.reservation;

import dev.karst.base.Struct;

/** Data of Reservation Acquire: 16 bytes. NVMe Base 2.0, 7.2. */
public final class ReservationAcquireData extends Struct {
    public static final int BYTES = 16;

    /** Current reservation key. */
    public static final U64le CRKEY = u64le(0);
    /** Preempt reservation key. */
    public static final U64le PRKEY = u64le(8);
}
