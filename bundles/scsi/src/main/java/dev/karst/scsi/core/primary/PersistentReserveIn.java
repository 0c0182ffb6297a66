package dev.karst.scsi.core.primary;

import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.reservation.Registrant;
import dev.karst.scsi.core.reservation.ReservationState;
import dev.karst.spec.scsi.Cdb10;
import java.nio.ByteBuffer;
import java.util.List;

/** PERSISTENT RESERVE IN. SPC-5, 6.16. */
public final class PersistentReserveIn {
    private static final int KEY_BYTES = 8;
    private static final int HEADER_BYTES = 8;
    private static final int RESERVATION_BYTES = 16;
    private static final int STATUS_BYTES = 24;
    private static final int HOLDS = 1;
    /** Specify initiator ports, all target ports. */
    private static final int SIP_C_AND_ATP_C = 0x0c;
    private static final int PTPL_C = 0x01;
    private static final int TMV = 0x80;
    /** ALLOW COMMANDS: TEST UNIT READY is not refused. */
    private static final int ALLOWS_TEST_UNIT_READY = 0x10;
    private static final int PTPL_A = 0x01;
    /** All six types. */
    private static final short TYPES = (short) 0xea01;

    private PersistentReserveIn() {}

    /** What the table has of it. */
    public static List<Operation> operations() {
        return List.of(
            Operation.action("5e 00 00 00 00 00 00 ff ff 00", Operation.OTHER, PersistentReserveIn::keys),
            Operation.action("5e 01 00 00 00 00 00 ff ff 00", Operation.OTHER, PersistentReserveIn::reservation),
            Operation.action("5e 02 00 00 00 00 00 ff ff 00", Operation.OTHER, PersistentReserveIn::capabilities),
            Operation.action("5e 03 00 00 00 00 00 ff ff 00", Operation.OTHER, PersistentReserveIn::fullStatus));
    }

    private static ReservationState state(Command command) {
        return command.channel().unit.reservations().state();
    }

    private static void answer(Command command, ByteBuffer data) {
        command.answer(data.array(), data.position(), Cdb10.TRANSFER_LENGTH.get(command.cdb()));
    }

    private static ByteBuffer begin(ReservationState state, int bytes) {
        return ByteBuffer.allocate(HEADER_BYTES + bytes).putInt(state.generation()).putInt(bytes);
    }

    private static void keys(Command command) {
        ReservationState state = state(command);
        ByteBuffer data = begin(state, KEY_BYTES * state.registrants().size());
        for (Registrant one : state.registrants()) {
            data.putLong(one.key());
        }
        answer(command, data);
    }

    private static void reservation(Command command) {
        ReservationState state = state(command);
        ByteBuffer data = begin(state, state.isReserved() ? RESERVATION_BYTES : 0);
        if (state.isReserved()) {
            long key = state.holder() == null ? 0 : state.find(state.holder()).key();
            data.putLong(key).putInt(0).put((byte) 0).put((byte) state.type().code).putShort((short) 0);
        }
        answer(command, data);
    }

    private static void capabilities(Command command) {
        boolean canPersist = command.channel().unit.reservations().canPersist();
        boolean persists = state(command).persistent();
        answer(command, ByteBuffer.allocate(HEADER_BYTES).putShort((short) HEADER_BYTES)
            .put((byte) (SIP_C_AND_ATP_C | (canPersist ? PTPL_C : 0)))
            .put((byte) (TMV | ALLOWS_TEST_UNIT_READY | (persists ? PTPL_A : 0)))
            .putShort(TYPES).putShort((short) 0));
    }

    private static void fullStatus(Command command) {
        ReservationState state = state(command);
        int bytes = state.registrants().stream().mapToInt(one -> STATUS_BYTES + one.nexus().transportId().length).sum();
        ByteBuffer data = begin(state, bytes);
        for (Registrant one : state.registrants()) {
            boolean holds = state.isHolder(one);
            byte[] transportId = one.nexus().transportId();
            data.putLong(one.key()).putInt(0).put((byte) (holds ? HOLDS : 0)).put((byte) (holds ? state.type().code : 0))
                .putInt(0).putShort((short) one.nexus().port()).putInt(transportId.length).put(transportId);
        }
        answer(command, data);
    }
}
