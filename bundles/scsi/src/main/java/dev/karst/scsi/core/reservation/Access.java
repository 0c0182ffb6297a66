package dev.karst.scsi.core.reservation;

import java.util.HashSet;
import java.util.Set;

/** What reservations refuse whom; immutable, replaced as a whole. Each nexus is told once what it may not do. */
public final class Access {
    /** Reading the medium is refused. */
    public static final int READ = 1;
    /** Whatever may change something is refused. */
    public static final int WRITE = 2;
    /** All is refused that a device need not always do. */
    public static final int OTHER = 4;

    /** What those may not do who are not let in. */
    private final int denied;
    private final Set<NexusName> admitted = new HashSet<>();

    Access(ReservationState state) {
        if (state.exclusive() != null) {
            denied = READ | WRITE | OTHER;
            admitted.add(state.exclusive());
        } else if (state.isReserved()) {
            denied = state.type().deniesReads() ? READ | WRITE : WRITE;
            for (Registrant one : state.registrants()) {
                if (state.type().admitsRegistrants() || state.isHolder(one)) {
                    admitted.add(one.nexus());
                }
            }
        } else {
            denied = 0;
        }
    }

    /** Kinds of commands that the nexus may not execute. */
    public int denied(NexusName nexus) {
        return admitted.contains(nexus) ? 0 : denied;
    }
}
