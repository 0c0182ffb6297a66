package dev.karst.scsi.core.primary;

import dev.karst.reactor.Reactor;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.reservation.Outcome;
import dev.karst.scsi.core.reservation.ReservationRequest;
import dev.karst.scsi.core.reservation.ReservationRequest.Give;
import dev.karst.scsi.core.reservation.ReservationRequest.Take;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.scsi.SenseKey;
import java.util.List;

/**
 * RESERVE and RELEASE of whole units, and how all requests of reservations are handed on and end. SPC-2, 7.16, 7.17, 7.21 and
 * 7.22.
 */
public final class ReserveCommands {
    private ReserveCommands() {}

    /** What the table has of them. */
    public static List<Operation> operations() {
        return List.of(
            Operation.of("16 00 00 00 00 00", Operation.OTHER, command -> hand(command, new Take())),
            Operation.of("56 00 00 00 00 00 00 00 00 00", Operation.OTHER, command -> hand(command, new Take())),
            Operation.of("17 00 00 00 00 00", Operation.FREE, command -> hand(command, new Give())),
            Operation.of("57 00 00 00 00 00 00 00 00 00", Operation.FREE, command -> hand(command, new Give())));
    }

    /** Hands a request to the unit's reservations, by which the command ends. */
    static void hand(Command command, ReservationRequest request) {
        Reactor here = command.nexus.group.reactor;
        command.isReserving = true;
        command.channel().unit.reservations().execute(
            command.nexus.name, request, verdict -> here.execute(() -> end(command, verdict)));
    }

    private static void end(Command command, int verdict) {
        switch (verdict) {
            case Outcome.DONE -> command.succeed();
            case Outcome.CONFLICT -> command.finish(ScsiStatus.RESERVATION_CONFLICT);
            case Outcome.NOT_KEPT -> command.fail(SenseKey.HARDWARE_ERROR, Asc.INTERNAL_TARGET_FAILURE);
            default -> command.fail(SenseKey.ILLEGAL_REQUEST, verdict);
        }
    }
}
