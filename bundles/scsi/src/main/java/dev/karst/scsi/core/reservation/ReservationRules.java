package dev.karst.scsi.core.reservation;

import dev.karst.scsi.core.reservation.Outcome.Notice;
import dev.karst.scsi.core.reservation.ReservationRequest.Clear;
import dev.karst.scsi.core.reservation.ReservationRequest.Give;
import dev.karst.scsi.core.reservation.ReservationRequest.Move;
import dev.karst.scsi.core.reservation.ReservationRequest.Preempt;
import dev.karst.scsi.core.reservation.ReservationRequest.Register;
import dev.karst.scsi.core.reservation.ReservationRequest.Release;
import dev.karst.scsi.core.reservation.ReservationRequest.Reserve;
import dev.karst.scsi.core.reservation.ReservationRequest.Reset;
import dev.karst.scsi.core.reservation.ReservationRequest.Take;
import dev.karst.spec.scsi.Asc;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What each request makes of a state. Knows no thread; any may call. SPC-5, 5.14; SPC-2, 7.21 and 7.22 for RESERVE and RELEASE.
 */
public final class ReservationRules {
    private ReservationRules() {}

    /**
     * The outcome of a request; one that is refused leaves the state as it is.
     *
     * @param nexus who sent it
     * @param canPersist whether there is a place to persist in
     */
    public static Outcome apply(ReservationState state, NexusName nexus, ReservationRequest request, boolean canPersist) {
        return switch (request) {
            case Take _ -> take(state, nexus);
            case Give _ -> nexus.equals(state.exclusive()) ? done(state.exclusively(null)) : done(state);
            case Reset _ -> done(state.exclusively(null));
            default -> state.exclusive() != null ? refused(state, Outcome.CONFLICT)
                : persistent(state, nexus, request, canPersist);
        };
    }

    private static Outcome persistent(ReservationState state, NexusName nexus, ReservationRequest request, boolean canPersist) {
        boolean persists = request instanceof Register register && register.persists()
            || request instanceof Move move && move.persists();
        if (persists && !canPersist) {
            return refused(state, Asc.INVALID_FIELD_IN_PARAMETER_LIST);
        }
        return switch (request) {
            case Register register -> register(state, nexus, register);
            case Reserve reserve -> reserve(state, nexus, reserve);
            case Release release -> release(state, nexus, release);
            case Clear clear -> clear(state, nexus, clear);
            case Preempt preempt -> preempt(state, nexus, preempt);
            case Move move -> move(state, nexus, move);
            default -> throw new IllegalArgumentException("no persistent reservation: " + request);
        };
    }

    private static Outcome refused(ReservationState state, int verdict) {
        return new Outcome(verdict, state, List.of(), Set.of());
    }

    private static Outcome done(ReservationState state) {
        return done(state, List.of());
    }

    private static Outcome done(ReservationState state, List<Notice> notices) {
        return new Outcome(Outcome.DONE, state, notices, Set.of());
    }

    /** Where somebody is registered the two kinds of reservations do not mix. */
    private static Outcome take(ReservationState state, NexusName nexus) {
        boolean isFree = state.registrants().isEmpty() && (state.exclusive() == null || state.exclusive().equals(nexus));
        return isFree ? done(state.exclusively(nexus)) : refused(state, Outcome.CONFLICT);
    }

    /** The nexus's registration if it has this key; else null. */
    private static Registrant known(ReservationState state, NexusName nexus, long key) {
        Registrant mine = state.find(nexus);
        return mine != null && mine.key() == key ? mine : null;
    }

    private static List<Notice> notices(ReservationState state, NexusName but, int asc) {
        return state.registrants().stream().filter(one -> !one.nexus().equals(but))
            .map(one -> new Notice(one.nexus(), asc)).toList();
    }

    private static Outcome register(ReservationState state, NexusName nexus, Register request) {
        Registrant mine = state.find(nexus);
        long expected = mine == null ? 0 : mine.key();
        if (!request.ignoresKey() && request.key() != expected) {
            return refused(state, Outcome.CONFLICT);
        } else if (request.names() && (mine != null || request.ignoresKey())) {
            return refused(state, Asc.INVALID_FIELD_IN_PARAMETER_LIST);
        } else if (request.newKey() == 0) {
            return mine == null ? done(state) : unregister(state, nexus, request);
        }
        ReservationState next = state.with(nexus, request.newKey());
        for (NexusName other : request.others()) {
            if (request.names() && state.find(other) != null) {
                return refused(state, Outcome.CONFLICT);
            }
            next = next.with(other, request.newKey());
        }
        return next.registrants().size() > ReservationState.MAX_REGISTRANTS
            ? refused(state, Asc.INSUFFICIENT_REGISTRATION_RESOURCES) : done(next.persisting(request.persists()).counted());
    }

    private static Outcome unregister(ReservationState state, NexusName nexus, Register request) {
        ReservationState left = state.without(one -> one.nexus().equals(nexus) || request.others().contains(one.nexus()));
        boolean tells = state.isReserved() && !left.isReserved() && state.type().admitsRegistrants();
        return done(left.persisting(request.persists()).counted(),
            tells ? notices(left, nexus, Asc.RESERVATIONS_RELEASED) : List.of());
    }

    private static Outcome reserve(ReservationState state, NexusName nexus, Reserve request) {
        Registrant mine = known(state, nexus, request.key());
        if (mine == null) {
            return refused(state, Outcome.CONFLICT);
        } else if (!state.isReserved()) {
            return done(state.reserved(request.type(), nexus));
        }
        return state.isHolder(mine) && state.type() == request.type() ? done(state) : refused(state, Outcome.CONFLICT);
    }

    private static Outcome release(ReservationState state, NexusName nexus, Release request) {
        Registrant mine = known(state, nexus, request.key());
        if (mine == null) {
            return refused(state, Outcome.CONFLICT);
        } else if (!state.isHolder(mine)) {
            return done(state);
        } else if (state.type() != request.type()) {
            return refused(state, Asc.INVALID_RELEASE_OF_PERSISTENT_RESERVATION);
        }
        return done(
            state.released(), state.type().admitsRegistrants() ? notices(state, nexus, Asc.RESERVATIONS_RELEASED) : List.of());
    }

    private static Outcome clear(ReservationState state, NexusName nexus, Clear request) {
        return known(state, nexus, request.key()) == null ? refused(state, Outcome.CONFLICT)
            : done(state.released().without(one -> true).counted(), notices(state, nexus, Asc.RESERVATIONS_PREEMPTED));
    }

    /**
     * Takes the reservation over if the key is its holder's, or 0 where every registrant is a holder; else unregisters those who
     * have the key.
     */
    private static Outcome preempt(ReservationState state, NexusName nexus, Preempt request) {
        if (known(state, nexus, request.key()) == null) {
            return refused(state, Outcome.CONFLICT);
        }
        Predicate<Registrant> isOther = one -> !one.nexus().equals(nexus);
        Predicate<Registrant> isVictim = one -> one.key() == request.victims();
        boolean isAll = state.isReserved() && state.type().isAll();
        boolean isHolders = state.isReserved() && !isAll && isVictim.test(state.find(state.holder()));
        if (isAll && request.victims() == 0 || isHolders) {
            ReservationState left = state.without(isAll ? isOther : isOther.and(isVictim)).reserved(request.type(), nexus);
            return preempted(state, left, nexus, request);
        } else if (request.victims() == 0 && state.isReserved()) {
            return refused(state, Asc.INVALID_FIELD_IN_PARAMETER_LIST);
        } else if (state.registrants().stream().noneMatch(isVictim)) {
            return refused(state, Outcome.CONFLICT);
        }
        return preempted(state, state.without(isVictim), nexus, request);
    }

    /** Those who are unregistered are told, and those who stay if the reservation is of another type or gone. */
    private static Outcome preempted(ReservationState before, ReservationState after, NexusName nexus, Preempt request) {
        List<Notice> notices = new ArrayList<>();
        for (Notice notice : notices(before, nexus, Asc.REGISTRATIONS_PREEMPTED)) {
            if (after.find(notice.nexus()) == null) {
                notices.add(notice);
            }
        }
        Set<NexusName> aborted = !request.aborts() ? Set.of()
            : notices.stream().map(Notice::nexus).collect(Collectors.toUnmodifiableSet());
        if (before.isReserved() && before.type() != after.type()) {
            notices.addAll(notices(after, nexus, Asc.RESERVATIONS_RELEASED));
        }
        return new Outcome(Outcome.DONE, after.counted(), List.copyOf(notices), aborted);
    }

    private static Outcome move(ReservationState state, NexusName nexus, Move request) {
        Registrant mine = known(state, nexus, request.key());
        if (mine == null || !state.isReserved() || state.type().isAll() || !state.isHolder(mine)) {
            return refused(state, Outcome.CONFLICT);
        } else if (request.newKey() == 0 || request.to().equals(nexus)) {
            return refused(state, Asc.INVALID_FIELD_IN_PARAMETER_LIST);
        }
        ReservationState next = state.with(request.to(), request.newKey()).reserved(state.type(), request.to());
        if (request.unregisters()) {
            next = next.without(one -> one.nexus().equals(nexus));
        }
        return next.registrants().size() > ReservationState.MAX_REGISTRANTS
            ? refused(state, Asc.INSUFFICIENT_REGISTRATION_RESOURCES) : done(next.persisting(request.persists()).counted());
    }
}
