package dev.karst.nvmf.core.reservation;

import dev.karst.nvmf.core.reservation.Outcome.Notice;
import dev.karst.nvmf.core.reservation.ReservationRequest.Acquire;
import dev.karst.nvmf.core.reservation.ReservationRequest.Acquiring;
import dev.karst.nvmf.core.reservation.ReservationRequest.Clear;
import dev.karst.nvmf.core.reservation.ReservationRequest.Persist;
import dev.karst.nvmf.core.reservation.ReservationRequest.Register;
import dev.karst.nvmf.core.reservation.ReservationRequest.Release;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.reservation.ReservationLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What each command makes of a state. Knows no thread; any may call. NVMe Base 2.0, 7.2 to 7.4 and 8.19. */
public final class ReservationRules {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int CONFLICT = NvmeStatus.RESERVATION_CONFLICT | NvmeStatus.DNR;

    private ReservationRules() {}

    /**
     * The outcome of a command; a failed one leaves the state as it is.
     *
     * @param host who sent it
     * @param canPersist whether the namespace has a place to persist in
     */
    public static Outcome apply(ReservationState state, UUID host, ReservationRequest request, boolean canPersist) {
        return switch (request) {
            case Register register -> register(state, host, register, canPersist);
            case Acquire acquire -> acquire(state, host, acquire);
            case Release release -> release(state, host, release);
            case Clear clear -> clear(state, host, clear);
            case Persist persist -> persist.persists() && !canPersist
                ? failed(state, INVALID_FIELD) : done(state.withPersistence(persist.persists()));
        };
    }

    private static Outcome failed(ReservationState state, int status) {
        return new Outcome(status, state, List.of(), Set.of());
    }

    private static Outcome done(ReservationState state) {
        return new Outcome(NvmeStatus.SUCCESSFUL_COMPLETION, state, List.of(), Set.of());
    }

    private static Outcome done(ReservationState state, List<Notice> notices) {
        return new Outcome(NvmeStatus.SUCCESSFUL_COMPLETION, state, notices, Set.of());
    }

    private static Outcome register(ReservationState state, UUID host, Register register, boolean canPersist) {
        boolean persists = register.persists() == null ? state.persistent() : register.persists();
        if (persists && !canPersist) {
            return failed(state, INVALID_FIELD);
        }
        Registration mine = state.find(host);
        Outcome outcome = switch (register.action()) {
            case REGISTER -> mine == null ? join(state, host, register.newKey())
                : mine.key() == register.newKey() ? done(state) : failed(state, CONFLICT);
            case UNREGISTER -> isCurrent(mine, register) ? leave(state, host) : failed(state, CONFLICT);
            case REPLACE -> replace(state, host, register, mine);
        };
        return outcome.status() != NvmeStatus.SUCCESSFUL_COMPLETION ? outcome
            : done(outcome.state().withPersistence(persists).counted(), outcome.notices());
    }

    private static boolean isCurrent(Registration mine, Register register) {
        return mine != null && (register.ignoreKey() || mine.key() == register.currentKey());
    }

    private static Outcome join(ReservationState state, UUID host, long key) {
        boolean fits = state.registrants().size() < ReservationState.MAX_REGISTRANTS;
        return key != 0 && fits ? done(state.with(new Registration(host, key))) : failed(state, INVALID_FIELD);
    }

    /** Who ignores the existing key need not have one. */
    private static Outcome replace(ReservationState state, UUID host, Register register, Registration mine) {
        if (register.newKey() == 0) {
            return failed(state, INVALID_FIELD);
        } else if (mine == null && register.ignoreKey()) {
            return join(state, host, register.newKey());
        }
        return isCurrent(mine, register) ? done(state.withKey(host, register.newKey())) : failed(state, CONFLICT);
    }

    private static Outcome leave(ReservationState state, UUID host) {
        ReservationState left = state.without(one -> one.host().equals(host));
        boolean tells = !left.isReserved() && state.type().isRegistrantsOnly();
        return done(left, tells ? notices(left, host, ReservationLog.RNLPT_RESERVATION_RELEASED) : List.of());
    }

    /** Tells all registrants but one. */
    private static List<Notice> notices(ReservationState state, UUID but, int type) {
        return state.registrants().stream()
            .filter(one -> !one.host().equals(but))
            .map(one -> new Notice(one.host(), type))
            .toList();
    }

    private static Outcome acquire(ReservationState state, UUID host, Acquire acquire) {
        Registration mine = state.find(host);
        if (mine == null || mine.key() != acquire.currentKey()) {
            return failed(state, CONFLICT);
        } else if (acquire.action() != Acquiring.ACQUIRE) {
            return preempt(state, host, acquire);
        } else if (!state.isReserved()) {
            return done(state.reserved(acquire.type(), host));
        }
        return state.isHolder(mine) && state.type() == acquire.type() ? done(state) : failed(state, CONFLICT);
    }

    /**
     * Takes the reservation over if the key is its holder's, or 0 where every registrant is a holder; else unregisters
     * those who have the key.
     */
    private static Outcome preempt(ReservationState state, UUID host, Acquire acquire) {
        long key = acquire.preemptKey();
        Predicate<Registration> isOther = one -> !one.host().equals(host);
        if (state.type().isAllRegistrants() && key == 0) {
            return preempted(state, state.without(isOther).reserved(acquire.type(), host), host, acquire);
        } else if (state.holder() != null && state.find(state.holder()).key() == key) {
            ReservationState left = state.without(isOther.and(one -> one.key() == key));
            return preempted(state, left.reserved(acquire.type(), host), host, acquire);
        } else if (state.holder() != null && key == 0) {
            return failed(state, INVALID_FIELD);
        }
        ReservationState left = state.without(one -> one.key() == key);
        return left.registrants().size() == state.registrants().size() ? failed(state, CONFLICT)
            : preempted(state, left, host, acquire);
    }

    /** Those who are unregistered hear of it, those who stay if the reservation is of another type. */
    private static Outcome preempted(ReservationState before, ReservationState after, UUID host, Acquire acquire) {
        var notices = new ArrayList<Notice>();
        for (Notice notice : notices(before, host, ReservationLog.RNLPT_REGISTRATION_PREEMPTED)) {
            if (after.find(notice.host()) == null) {
                notices.add(notice);
            }
        }
        Set<UUID> aborted = acquire.action() != Acquiring.PREEMPT_AND_ABORT ? Set.of()
            : notices.stream().map(Notice::host).collect(Collectors.toUnmodifiableSet());
        if (before.isReserved() && before.type() != after.type()) {
            notices.addAll(notices(after, host, ReservationLog.RNLPT_RESERVATION_RELEASED));
        }
        return new Outcome(NvmeStatus.SUCCESSFUL_COMPLETION, after.counted(), List.copyOf(notices), aborted);
    }

    private static Outcome release(ReservationState state, UUID host, Release release) {
        Registration mine = state.find(host);
        if (mine == null || mine.key() != release.currentKey()) {
            return failed(state, CONFLICT);
        } else if (!state.isReserved() || !state.isHolder(mine)) {
            return done(state);
        } else if (state.type() != release.type()) {
            return failed(state, INVALID_FIELD);
        }
        boolean tells = state.type().isRegistrantsOnly() || state.type().isAllRegistrants();
        return done(state.released(), tells ? notices(state, host, ReservationLog.RNLPT_RESERVATION_RELEASED)
            : List.of());
    }

    private static Outcome clear(ReservationState state, UUID host, Clear clear) {
        Registration mine = state.find(host);
        if (mine == null || mine.key() != clear.currentKey()) {
            return failed(state, CONFLICT);
        }
        return done(state.without(one -> true).released().counted(),
            notices(state, host, ReservationLog.RNLPT_RESERVATION_PREEMPTED));
    }
}
