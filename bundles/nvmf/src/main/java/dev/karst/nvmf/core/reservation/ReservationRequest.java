package dev.karst.nvmf.core.reservation;

import dev.karst.base.IoVector;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.reservation.ReservationAcquireCommand;
import dev.karst.spec.nvme.reservation.ReservationAcquireData;
import dev.karst.spec.nvme.reservation.ReservationRegisterCommand;
import dev.karst.spec.nvme.reservation.ReservationRegisterData;
import dev.karst.spec.nvme.reservation.ReservationReleaseCommand;
import dev.karst.spec.nvme.reservation.ReservationReleaseData;
import dev.karst.spec.nvme.reservation.ReservationStatus;

/** A command that may change a reservation, as the host meant it. Reserved values and short data make none. */
public sealed interface ReservationRequest {
    /** What a registration is to become. */
    enum Registering { REGISTER, UNREGISTER, REPLACE }

    /** How a reservation is to be had. */
    enum Acquiring { ACQUIRE, PREEMPT, PREEMPT_AND_ABORT }

    /**
     * Reservation Register.
     *
     * @param ignoreKey whether any current key will do
     * @param persists what becomes of the persistence; null for no change
     */
    record Register(Registering action, boolean ignoreKey, Boolean persists, long currentKey, long newKey)
        implements ReservationRequest {}

    /** Reservation Acquire. */
    record Acquire(Acquiring action, ReservationType type, long currentKey, long preemptKey)
        implements ReservationRequest {}

    /** Reservation Release, of a reservation of that type. */
    record Release(ReservationType type, long currentKey) implements ReservationRequest {}

    /** Reservation Release that clears: nobody is registered any more. */
    record Clear(long currentKey) implements ReservationRequest {}

    /** Set Features, Reservation Persistence. */
    record Persist(boolean persists) implements ReservationRequest {}

    /**
     * Reads a command.
     *
     * @param data what the host sent with it
     * @param scratch room for 16 bytes
     * @return null for Invalid Field in Command
     */
    static ReservationRequest read(long sqe, IoVector data, long scratch) {
        return switch (Sqe.OPC.get(sqe)) {
            case Opcode.NVM_RESERVATION_REGISTER ->
                fetch(data, scratch, ReservationRegisterData.BYTES) ? register(sqe, scratch) : null;
            case Opcode.NVM_RESERVATION_ACQUIRE ->
                fetch(data, scratch, ReservationAcquireData.BYTES) ? acquire(sqe, scratch) : null;
            case Opcode.NVM_RESERVATION_RELEASE ->
                fetch(data, scratch, ReservationReleaseData.BYTES) ? release(sqe, scratch) : null;
            default -> null;
        };
    }

    private static boolean fetch(IoVector data, long scratch, int bytes) {
        if (data.bytes() < bytes) {
            return false;
        }
        data.copyTo(0, scratch, bytes);
        return true;
    }

    private static Register register(long sqe, long data) {
        int action = ReservationRegisterCommand.RREGA.get(sqe);
        int change = ReservationRegisterCommand.CPTPL.get(sqe);
        boolean isKnown = action <= ReservationRegisterCommand.RREGA_REPLACE
            && (change == ReservationRegisterCommand.CPTPL_NO_CHANGE || change >= ReservationRegisterCommand.CPTPL_CLEAR);
        if (!isKnown) {
            return null;
        }
        Boolean persists = change == ReservationRegisterCommand.CPTPL_NO_CHANGE ? null
            : change == ReservationRegisterCommand.CPTPL_PERSIST;
        return new Register(
            Registering.values()[action], ReservationRegisterCommand.IEKEY.get(sqe) != 0, persists,
            ReservationRegisterData.CRKEY.get(data), ReservationRegisterData.NRKEY.get(data));
    }

    private static Acquire acquire(long sqe, long data) {
        int action = ReservationAcquireCommand.RACQA.get(sqe);
        ReservationType type = ReservationType.of(ReservationAcquireCommand.RTYPE.get(sqe));
        boolean isKnown = action <= ReservationAcquireCommand.RACQA_PREEMPT_AND_ABORT
            && ReservationAcquireCommand.IEKEY.get(sqe) == 0
            && type != null && type.code != ReservationStatus.RTYPE_NONE;
        return !isKnown ? null : new Acquire(
            Acquiring.values()[action], type, ReservationAcquireData.CRKEY.get(data),
            ReservationAcquireData.PRKEY.get(data));
    }

    private static ReservationRequest release(long sqe, long data) {
        int action = ReservationReleaseCommand.RRELA.get(sqe);
        long key = ReservationReleaseData.CRKEY.get(data);
        if (ReservationReleaseCommand.IEKEY.get(sqe) != 0) {
            return null;
        } else if (action == ReservationReleaseCommand.RRELA_CLEAR) {
            return new Clear(key);
        }
        ReservationType type = ReservationType.of(ReservationReleaseCommand.RTYPE.get(sqe));
        return action == ReservationReleaseCommand.RRELA_RELEASE && type != null ? new Release(type, key) : null;
    }
}
