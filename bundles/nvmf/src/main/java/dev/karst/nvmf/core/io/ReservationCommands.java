package dev.karst.nvmf.core.io;

import dev.karst.base.Mem;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.nvmf.core.reservation.Registration;
import dev.karst.nvmf.core.reservation.ReservationRequest;
import dev.karst.nvmf.core.reservation.ReservationState;
import dev.karst.reactor.Reactor;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.reservation.Registrant;
import dev.karst.spec.nvme.reservation.RegistrantExtended;
import dev.karst.spec.nvme.reservation.ReservationReportCommand;
import dev.karst.spec.nvme.reservation.ReservationStatusExtended;
import java.util.UUID;

/**
 * The reservation commands. They do no block I/O: the namespace's reservations execute them. NVMe Base 2.0, 7.2 to 7.5.
 */
final class ReservationCommands {
    private static final int INCONSISTENT = NvmeStatus.HOST_IDENTIFIER_INCONSISTENT_FORMAT | NvmeStatus.DNR;
    private static final int HOLDS = 1;
    /** The identifier of hosts that have none: they cannot be told apart, and so reserve nothing. */
    private static final UUID NOBODY = new UUID(0, 0);

    private ReservationCommands() {}

    /** Whether the opcode is one of theirs. */
    static boolean has(int opcode) {
        return opcode == Opcode.NVM_RESERVATION_REGISTER || opcode == Opcode.NVM_RESERVATION_REPORT
            || opcode == Opcode.NVM_RESERVATION_ACQUIRE || opcode == Opcode.NVM_RESERVATION_RELEASE;
    }

    static void execute(Command command, NamespaceChannel channel) {
        Namespace namespace = channel.namespace;
        if (Sqe.OPC.get(command.sqe()) == Opcode.NVM_RESERVATION_REPORT) {
            report(command, namespace.reservations().state());
            return;
        }
        ReservationRequest request =
            ReservationRequest.read(command.sqe(), command.request.data, command.queue.scratch());
        if (request == null) {
            command.finish(IoChecks.INVALID_FIELD);
            return;
        }
        UUID host = command.queue.controller().hostId;
        if (host.equals(NOBODY)) {
            command.finish(IoChecks.INVALID_FIELD);
            return;
        }
        Reactor here = command.queue.group.reactor;
        namespace.reservations().execute(host, request, status -> here.execute(() -> command.finish(status)));
    }

    /** One structure for each registrant: a host's controllers are dynamic and have none of their own. */
    private static void report(Command command, ReservationState state) {
        if (command.request.length == 0) {
            command.finish(IoChecks.INVALID_FIELD);
            return;
        } else if (ReservationReportCommand.EDS.get(command.sqe()) == 0) {
            command.finish(INCONSISTENT);
            return;
        }
        command.zero();
        long wanted = Math.min(command.request.length, (ReservationReportCommand.NUMD.get(command.sqe()) + 1) << 2);
        long page = command.queue.scratch();
        Mem.fill(page, ReservationStatusExtended.BYTES, (byte) 0);
        ReservationStatusExtended.GEN.set(page, state.generation());
        ReservationStatusExtended.RTYPE.set(page, state.type().code);
        ReservationStatusExtended.REGSTRNT.set(page, state.registrants().size());
        ReservationStatusExtended.PTPLS.set(page, state.persistent() ? 1 : 0);
        long at = put(command, page, ReservationStatusExtended.BYTES, 0, wanted);
        for (Registration one : state.registrants()) {
            Mem.fill(page, RegistrantExtended.BYTES, (byte) 0);
            RegistrantExtended.CNTLID.set(page, Registrant.CNTLID_DYNAMIC);
            RegistrantExtended.RCSTS.set(page, state.isHolder(one) ? HOLDS : 0);
            RegistrantExtended.RKEY.set(page, one.key());
            RegistrantExtended.HOSTID.set(page, Namespace.bytes(one.host()));
            at = put(command, page, RegistrantExtended.BYTES, at, wanted);
        }
        command.succeedWithData();
    }

    /** Gives the host as much of a figure as it wants, and where the next one goes. */
    private static long put(Command command, long figure, int bytes, long at, long wanted) {
        if (at < wanted) {
            command.request.data.copyFrom(at, figure, Math.min(bytes, wanted - at));
        }
        return at + bytes;
    }
}
