package dev.karst.scsi.core.primary;

import dev.karst.base.Mem;
import dev.karst.scsi.TargetPort;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.Workspace;
import dev.karst.scsi.core.reservation.NexusName;
import dev.karst.scsi.core.reservation.ReservationRequest;
import dev.karst.scsi.core.reservation.ReservationRequest.Clear;
import dev.karst.scsi.core.reservation.ReservationRequest.Move;
import dev.karst.scsi.core.reservation.ReservationRequest.Preempt;
import dev.karst.scsi.core.reservation.ReservationRequest.Register;
import dev.karst.scsi.core.reservation.ReservationRequest.Release;
import dev.karst.scsi.core.reservation.ReservationRequest.Reserve;
import dev.karst.scsi.core.reservation.ReservationType;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.SenseKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** PERSISTENT RESERVE OUT. SPC-5, 6.17. */
public final class PersistentReserveOut {
    private static final int REGISTER = 0;
    private static final int RESERVE = 1;
    private static final int RELEASE = 2;
    private static final int CLEAR = 3;
    private static final int PREEMPT = 4;
    private static final int REGISTER_AND_IGNORE = 6;
    private static final int MOVE = 7;

    private static final int TYPE_AT = 2;
    private static final int TYPE_MASK = 0x0f;
    private static final int SCOPE_SHIFT = 4;
    private static final int LENGTH_AT = 5;

    private static final int LIST_BYTES = 24;
    private static final int NEW_KEY_AT = 8;
    private static final int FLAGS_AT = 20;
    private static final int SPEC_I_PT = 8;
    private static final int SPEC_I_PT_BIT = 3;
    private static final int ALL_TG_PT = 4;
    private static final int APTPL = 1;
    private static final int NAMES_AT = 28;
    private static final int MOVE_FLAGS_AT = 17;
    private static final int UNREG = 2;
    private static final int MOVE_PORT_AT = 18;
    private static final int MOVE_LENGTH_AT = 20;

    private PersistentReserveOut() {}

    /** What the table has of it. */
    public static List<Operation> operations() {
        var operations = new ArrayList<Operation>();
        for (int action = REGISTER; action <= MOVE; action++) {
            operations.add(Operation.action(
                String.format("5f %02x ff 00 00 ff ff ff ff 00", action), Operation.OTHER, PersistentReserveOut::execute));
        }
        return operations;
    }

    private static void execute(Command command) {
        long cdb = command.cdb();
        int action = command.operation.action;
        long length = Integer.reverseBytes(Mem.getInt(cdb + LENGTH_AT)) & 0xffff_ffffL;
        command.wanted = length;
        if (length > command.task.sent || length < LIST_BYTES || length > Workspace.PAGE_BYTES) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.PARAMETER_LIST_LENGTH_ERROR);
            return;
        }
        ByteBuffer list = ByteBuffer.wrap(command.sentBytes((int) length));
        switch (action) {
            case REGISTER, REGISTER_AND_IGNORE -> register(command, list, action == REGISTER_AND_IGNORE);
            case MOVE -> move(command, list);
            case CLEAR -> plain(command, list, new Clear(list.getLong(0)));
            default -> ofType(command, list, action);
        }
    }

    /** Hands a request to the unit's reservations that needs a list without more. */
    private static void plain(Command command, ByteBuffer list, ReservationRequest request) {
        if (list.capacity() != LIST_BYTES) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.PARAMETER_LIST_LENGTH_ERROR);
        } else {
            ReserveCommands.hand(command, request);
        }
    }

    private static void ofType(Command command, ByteBuffer list, int action) {
        int scopeAndType = Mem.getU8(command.cdb() + TYPE_AT);
        ReservationType type = ReservationType.of(scopeAndType & TYPE_MASK);
        if (scopeAndType >> SCOPE_SHIFT != 0) {
            command.invalidField(TYPE_AT, Byte.SIZE - 1);
            return;
        } else if (type == null) {
            command.invalidField(TYPE_AT, SCOPE_SHIFT - 1);
            return;
        }
        long key = list.getLong(0);
        plain(command, list, switch (action) {
            case RESERVE -> new Reserve(type, key);
            case RELEASE -> new Release(type, key);
            case PREEMPT -> new Preempt(type, key, list.getLong(NEW_KEY_AT), false);
            default -> new Preempt(type, key, list.getLong(NEW_KEY_AT), true);
        });
    }

    private static void register(Command command, ByteBuffer list, boolean ignoresKey) {
        int flags = list.get(FLAGS_AT);
        boolean names = (flags & SPEC_I_PT) != 0;
        List<String> initiators = new ArrayList<>();
        initiators.add(command.nexus.name.initiator());
        if (names ? ignoresKey || !readNames(list, initiators) : list.capacity() != LIST_BYTES) {
            if (names) {
                command.invalidParameter(FLAGS_AT, SPEC_I_PT_BIT);
            } else {
                command.fail(SenseKey.ILLEGAL_REQUEST, Asc.PARAMETER_LIST_LENGTH_ERROR);
            }
            return;
        }
        List<Integer> ports = (flags & ALL_TG_PT) == 0 ? List.of(command.nexus.port.relativeId())
            : command.nexus.group.device.ports().stream().map(TargetPort::relativeId).toList();
        List<NexusName> others = initiators.stream()
            .flatMap(initiator -> ports.stream().map(port -> new NexusName(initiator, port)))
            .filter(name -> !name.equals(command.nexus.name)).distinct().toList();
        ReserveCommands.hand(command, new Register(
            ignoresKey, list.getLong(0), list.getLong(NEW_KEY_AT), (flags & APTPL) != 0, others, names));
    }

    /** Reads the TransportIDs behind the list; false when they do not fill what their length says. */
    private static boolean readNames(ByteBuffer list, List<String> initiators) {
        if (list.capacity() < NAMES_AT || list.getInt(LIST_BYTES) != list.capacity() - NAMES_AT) {
            return false;
        }
        int at = NAMES_AT;
        while (at < list.capacity()) {
            int bytes = TransportId.length(list, at);
            if (bytes == 0) {
                return false;
            }
            var id = new byte[bytes];
            list.get(at, id);
            initiators.add(NexusName.of(id, 0).initiator());
            at += bytes;
        }
        return true;
    }

    private static void move(Command command, ByteBuffer list) {
        int flags = list.get(MOVE_FLAGS_AT);
        int bytes = list.getInt(MOVE_LENGTH_AT);
        int port = list.getShort(MOVE_PORT_AT) & 0xffff;
        boolean isThere = command.nexus.group.device.ports().stream().anyMatch(one -> one.relativeId() == port);
        if (bytes != list.capacity() - LIST_BYTES) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.PARAMETER_LIST_LENGTH_ERROR);
        } else if (!isThere) {
            command.invalidParameter(MOVE_PORT_AT, -1);
        } else if (bytes == 0 || TransportId.length(list, LIST_BYTES) != bytes) {
            command.invalidParameter(MOVE_LENGTH_AT, -1);
        } else {
            var id = new byte[bytes];
            list.get(LIST_BYTES, id);
            ReserveCommands.hand(command, new Move(list.getLong(0), list.getLong(NEW_KEY_AT), (flags & UNREG) != 0,
                (flags & APTPL) != 0, NexusName.of(id, port)));
        }
    }
}
