package dev.karst.scsi.core.reservation;

import java.util.List;
import java.util.Set;

/**
 * What a request comes to.
 *
 * @param verdict how the command ends: {@link #DONE}, {@link #CONFLICT}, or an additional sense code of ILLEGAL REQUEST
 * @param state the state after it
 * @param notices whom to tell what
 * @param aborted nexuses whose commands end before this one does
 */
public record Outcome(int verdict, ReservationState state, List<Notice> notices, Set<NexusName> aborted) {
    /** It is done. */
    public static final int DONE = 0;
    /** RESERVATION CONFLICT. */
    public static final int CONFLICT = -1;
    /** The state could not be made durable. */
    public static final int NOT_KEPT = -2;

    /**
     * A unit attention.
     *
     * @param asc ADDITIONAL SENSE CODE and its qualifier
     */
    public record Notice(NexusName nexus, int asc) {}
}
