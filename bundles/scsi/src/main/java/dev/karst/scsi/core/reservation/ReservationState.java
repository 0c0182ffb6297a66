package dev.karst.scsi.core.reservation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * All there is to know of the reservations of a logical unit.
 *
 * @param generation PRGENERATION; wraps around
 * @param persistent whether it persists through a power loss (APTPL)
 * @param type of the persistent reservation; null for none
 * @param holder null when there is none, or when every registrant is a holder
 * @param registrants in the order in which they came
 * @param exclusive who has the unit by RESERVE; null for nobody. It never persists
 */
public record ReservationState(
    int generation, boolean persistent, ReservationType type, NexusName holder, List<Registrant> registrants,
    NexusName exclusive) {
    /** Nexuses that may be registered at once. */
    public static final int MAX_REGISTRANTS = 128;

    /** Nobody is registered. */
    public static final ReservationState EMPTY = new ReservationState(0, false, null, null, List.of(), null);

    public ReservationState {
        registrants = List.copyOf(registrants);
    }

    /** The registration of a nexus, or null. */
    public Registrant find(NexusName nexus) {
        for (Registrant registrant : registrants) {
            if (registrant.nexus().equals(nexus)) {
                return registrant;
            }
        }
        return null;
    }

    public boolean isReserved() {
        return type != null;
    }

    /** Whether a registrant holds the reservation. */
    public boolean isHolder(Registrant registrant) {
        return type != null && (type.isAll() || registrant.nexus().equals(holder));
    }

    ReservationState counted() {
        return new ReservationState(generation + 1, persistent, type, holder, registrants, exclusive);
    }

    ReservationState persisting(boolean persists) {
        return new ReservationState(generation, persists, type, holder, registrants, exclusive);
    }

    ReservationState reserved(ReservationType newType, NexusName newHolder) {
        return new ReservationState(generation, persistent, newType, newType.isAll() ? null : newHolder, registrants, exclusive);
    }

    ReservationState released() {
        return new ReservationState(generation, persistent, null, null, registrants, exclusive);
    }

    ReservationState exclusively(NexusName nexus) {
        return new ReservationState(generation, persistent, type, holder, registrants, nexus);
    }

    /** With this registration, in place of the nexus's former one. */
    ReservationState with(NexusName nexus, long key) {
        List<Registrant> more = new ArrayList<>(registrants);
        Registrant former = find(nexus);
        if (former == null) {
            more.add(new Registrant(nexus, key));
        } else {
            more.set(more.indexOf(former), new Registrant(nexus, key));
        }
        return new ReservationState(generation, persistent, type, holder, more, exclusive);
    }

    /** Without some registrants. A reservation goes with its holder, or with the last of its holders. */
    ReservationState without(Predicate<Registrant> gone) {
        List<Registrant> left = registrants.stream().filter(gone.negate()).toList();
        var fewer = new ReservationState(generation, persistent, type, holder, left, exclusive);
        boolean isHeld = type != null && (type.isAll() ? !left.isEmpty() : fewer.find(holder) != null);
        return isHeld || type == null ? fewer : fewer.released();
    }
}
