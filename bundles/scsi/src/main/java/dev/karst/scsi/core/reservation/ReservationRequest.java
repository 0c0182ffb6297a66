package dev.karst.scsi.core.reservation;

import java.util.List;

/** Something that changes reservations. */
public sealed interface ReservationRequest {
    /**
     * REGISTER, and REGISTER AND IGNORE EXISTING KEY.
     *
     * @param ignoresKey whether {@code key} counts for nothing
     * @param newKey 0 to unregister
     * @param persists APTPL
     * @param others nexuses that are registered with it, those of ALL_TG_PT and SPEC_I_PT; not itself
     * @param names whether some of them were named (SPEC_I_PT)
     */
    record Register(boolean ignoresKey, long key, long newKey, boolean persists, List<NexusName> others, boolean names)
        implements ReservationRequest {}

    /** RESERVE. */
    record Reserve(ReservationType type, long key) implements ReservationRequest {}

    /** RELEASE. */
    record Release(ReservationType type, long key) implements ReservationRequest {}

    /** CLEAR. */
    record Clear(long key) implements ReservationRequest {}

    /** PREEMPT, and PREEMPT AND ABORT. */
    record Preempt(ReservationType type, long key, long victims, boolean aborts) implements ReservationRequest {}

    /** REGISTER AND MOVE. */
    record Move(long key, long newKey, boolean unregisters, boolean persists, NexusName to) implements ReservationRequest {}

    /** RESERVE (6) and (10). */
    record Take() implements ReservationRequest {}

    /** RELEASE (6) and (10); also when the nexus is lost. */
    record Give() implements ReservationRequest {}

    /** The logical unit was reset. */
    record Reset() implements ReservationRequest {}
}
