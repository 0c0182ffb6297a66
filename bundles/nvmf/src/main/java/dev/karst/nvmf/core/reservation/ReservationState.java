package dev.karst.nvmf.core.reservation;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * All there is to know of the reservations of a namespace.
 *
 * @param generation counts the changes of registrations, and wraps around
 * @param persistent whether it persists through a power loss
 * @param type of the reservation; NONE for none
 * @param holder null when there is no reservation, or when every registrant is a holder
 * @param registrants in the order in which they came
 */
public record ReservationState(
    int generation, boolean persistent, ReservationType type, UUID holder, List<Registration> registrants) {
    /** Hosts that may be registered at once. */
    public static final int MAX_REGISTRANTS = 128;

    /** Nobody is registered. */
    public static final ReservationState EMPTY =
        new ReservationState(0, false, ReservationType.NONE, null, List.of());

    public ReservationState {
        registrants = List.copyOf(registrants);
    }

    /** The registration of a host, or null. */
    public Registration find(UUID host) {
        for (Registration registration : registrants) {
            if (registration.host().equals(host)) {
                return registration;
            }
        }
        return null;
    }

    /** Whether a registrant holds the reservation. */
    public boolean isHolder(Registration registration) {
        return registration.host().equals(holder) || type.isAllRegistrants();
    }

    boolean isReserved() {
        return type != ReservationType.NONE;
    }

    ReservationState counted() {
        return new ReservationState(generation + 1, persistent, type, holder, registrants);
    }

    ReservationState withPersistence(boolean persists) {
        return new ReservationState(generation, persists, type, holder, registrants);
    }

    ReservationState with(Registration added) {
        var more = new ArrayList<>(registrants);
        more.add(added);
        return new ReservationState(generation, persistent, type, holder, more);
    }

    ReservationState withKey(UUID host, long key) {
        var changed = registrants.stream()
            .map(one -> one.host().equals(host) ? new Registration(host, key) : one)
            .toList();
        return new ReservationState(generation, persistent, type, holder, changed);
    }

    ReservationState reserved(ReservationType newType, UUID newHolder) {
        return new ReservationState(
            generation, persistent, newType, newType.isAllRegistrants() ? null : newHolder, registrants);
    }

    ReservationState released() {
        return new ReservationState(generation, persistent, ReservationType.NONE, null, registrants);
    }

    /** Without some registrants. A reservation goes with its holder, or with the last of its holders. */
    ReservationState without(Predicate<Registration> gone) {
        var left = registrants.stream().filter(gone.negate()).toList();
        var fewer = new ReservationState(generation, persistent, type, holder, left);
        boolean isHeld = type.isAllRegistrants() ? !left.isEmpty() : holder == null || fewer.find(holder) != null;
        return isHeld ? fewer : fewer.released();
    }
}
