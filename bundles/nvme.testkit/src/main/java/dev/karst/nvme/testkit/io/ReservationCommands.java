package dev.karst.nvme.testkit.io;

import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.media.Reservations;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.reservation.Registrant;
import dev.karst.spec.nvme.reservation.RegistrantExtended;
import dev.karst.spec.nvme.reservation.ReservationAcquireCommand;
import dev.karst.spec.nvme.reservation.ReservationRegisterCommand;
import dev.karst.spec.nvme.reservation.ReservationReleaseCommand;
import dev.karst.spec.nvme.reservation.ReservationReportCommand;
import dev.karst.spec.nvme.reservation.ReservationStatus;
import dev.karst.spec.nvme.reservation.ReservationStatusExtended;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/** The reservation commands, and what reservations forbid. NVMe Base 2.1, 7.3 to 7.6. */
final class ReservationCommands {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int LONG_HOST = 16;

    private final ControllerState state;

    ReservationCommands(ControllerState state) {
        this.state = state;
    }

    /** Whether the command changes blocks. */
    static boolean writes(int opcode) {
        return switch (opcode) {
            case Opcode.NVM_WRITE, Opcode.NVM_WRITE_ZEROES, Opcode.NVM_WRITE_UNCORRECTABLE, Opcode.NVM_DATASET_MANAGEMENT,
                Opcode.NVM_COPY, Opcode.ZONE_APPEND, Opcode.ZONE_MANAGEMENT_SEND -> true;
            default -> false;
        };
    }

    /** Whether this host may do that to the namespace; its status. */
    int check(SimNamespace namespace, int opcode) {
        boolean reads = opcode == Opcode.NVM_READ || opcode == Opcode.NVM_COMPARE || opcode == Opcode.NVM_VERIFY;
        boolean writes = writes(opcode) || opcode == Opcode.NVM_FLUSH;
        return reads || writes ? namespace.reservations().check(state.features.host(), writes) : 0;
    }

    int execute(SimCommand command, SimNamespace namespace) {
        Reservations reservations = namespace.reservations();
        String host = state.features.host();
        if (command.opcode() == Opcode.NVM_RESERVATION_REPORT) {
            return report(command, reservations);
        }
        byte[] data = new byte[command.opcode() == Opcode.NVM_RESERVATION_RELEASE ? 8 : 16];
        int status = state.data.fromHost(command, data);
        if (status != 0) {
            return status;
        }
        ByteBuffer keys = Page.buffer(data);
        long current = keys.getLong();
        long other = keys.hasRemaining() ? keys.getLong() : 0;
        return switch (command.opcode()) {
            case Opcode.NVM_RESERVATION_REGISTER -> register(command, reservations, host, current, other);
            case Opcode.NVM_RESERVATION_ACQUIRE -> acquire(command, reservations, host, current, other);
            default -> release(command, reservations, host, current);
        };
    }

    private static int register(SimCommand command, Reservations reservations, String host, long current, long key) {
        boolean ignore = ReservationRegisterCommand.IEKEY.get(command.sqe) == 1;
        return switch (ReservationRegisterCommand.RREGA.get(command.sqe)) {
            case ReservationRegisterCommand.RREGA_REGISTER -> reservations.register(host, key, false, ignore, current);
            case ReservationRegisterCommand.RREGA_UNREGISTER -> reservations.unregister(host, current, ignore);
            case ReservationRegisterCommand.RREGA_REPLACE -> reservations.register(host, key, true, ignore, current);
            default -> INVALID_FIELD;
        };
    }

    private static int acquire(SimCommand command, Reservations reservations, String host, long current, long preempted) {
        int type = ReservationAcquireCommand.RTYPE.get(command.sqe);
        return switch (ReservationAcquireCommand.RACQA.get(command.sqe)) {
            case ReservationAcquireCommand.RACQA_ACQUIRE -> reservations.acquire(host, current, type);
            case ReservationAcquireCommand.RACQA_PREEMPT, ReservationAcquireCommand.RACQA_PREEMPT_AND_ABORT ->
                reservations.preempt(host, current, preempted, type);
            default -> INVALID_FIELD;
        };
    }

    private static int release(SimCommand command, Reservations reservations, String host, long current) {
        return switch (ReservationReleaseCommand.RRELA.get(command.sqe)) {
            case ReservationReleaseCommand.RRELA_RELEASE ->
                reservations.release(host, current, ReservationReleaseCommand.RTYPE.get(command.sqe));
            case ReservationReleaseCommand.RRELA_CLEAR -> reservations.clear(host, current);
            default -> INVALID_FIELD;
        };
    }

    private int report(SimCommand command, Reservations reservations) {
        boolean extended = ReservationReportCommand.EDS.get(command.sqe) == 1;
        long bytes = (ReservationReportCommand.NUMD.get(command.sqe) + 1) * 4;
        if (bytes > 1 << 20) {
            return INVALID_FIELD;
        }
        if (!extended && state.features.host().length() == 2 * LONG_HOST && isHostSet()) {
            return NvmeStatus.HOST_IDENTIFIER_INCONSISTENT_FORMAT | NvmeStatus.DNR;
        }
        int head = extended ? ReservationStatusExtended.BYTES : ReservationStatus.BYTES;
        int each = extended ? RegistrantExtended.BYTES : Registrant.BYTES;
        Map<String, Long> registrants = reservations.registrants();
        byte[] page = Page.of(head + each * registrants.size(), status -> {
            ReservationStatus.GEN.set(status, reservations.generation());
            ReservationStatus.RTYPE.set(status, reservations.type());
            ReservationStatus.REGSTRNT.set(status, registrants.size());
            long at = status + head;
            for (Map.Entry<String, Long> registrant : registrants.entrySet()) {
                describe(at, registrant, extended);
                Registrant.RCSTS.set(at, reservations.isHolder(registrant.getKey()) ? 1 : 0);
                at += each;
            }
        });
        return state.data.toHost(command, Arrays.copyOf(page, (int) bytes));
    }

    private boolean isHostSet() {
        return !state.features.host().chars().allMatch(digit -> digit == '0');
    }

    private void describe(long at, Map.Entry<String, Long> registrant, boolean extended) {
        byte[] host = HexFormat.of().parseHex(registrant.getKey());
        Registrant.CNTLID.set(at, state.id);
        if (extended) {
            RegistrantExtended.RKEY.set(at, registrant.getValue());
            RegistrantExtended.HOSTID.set(at, Arrays.copyOf(host, LONG_HOST));
        } else {
            Registrant.HOSTID.set(at, Page.buffer(host).getLong());
            Registrant.RKEY.set(at, registrant.getValue());
        }
    }
}
