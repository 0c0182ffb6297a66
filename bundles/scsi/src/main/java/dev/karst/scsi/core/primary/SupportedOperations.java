package dev.karst.scsi.core.primary;

import dev.karst.base.Mem;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.Workspace;
import dev.karst.spec.scsi.Cdb12;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * REPORT SUPPORTED OPERATION CODES, which tells of the table it is in, and of TASK MANAGEMENT FUNCTIONS. SPC-5, 6.35 and 6.36.
 */
public final class SupportedOperations {
    private static final int OPTIONS_AT = 2;
    private static final int RCTD = 0x80;
    private static final int OPTIONS = 0x07;
    private static final int OPCODE_AT = 3;
    private static final int ACTION_AT = 4;

    private static final int ALL = 0;
    private static final int BY_OPCODE = 1;
    private static final int BY_ACTION = 2;
    private static final int BY_EITHER = 3;

    private static final int SERVACTV = 1;
    private static final int CTDP = 2;
    private static final int ONE_CTDP = 0x80;
    private static final int NOT_SUPPORTED = 1;
    private static final int SUPPORTED = 3;
    private static final int TIMEOUTS_BYTES = 12;
    private static final int HEADER_BYTES = 4;

    /** ABORT TASK, ABORT TASK SET, CLEAR TASK SET, LOGICAL UNIT RESET, QUERY TASK, TARGET RESET. */
    private static final int FUNCTIONS = 0x80 | 0x40 | 0x10 | 0x08 | 0x04 | 0x02;
    private static final int FUNCTIONS_BYTES = 4;
    private static final int FUNCTIONS_LONG_BYTES = 16;

    private final List<Operation> table;

    /** Tells of what is in this list when it is asked. */
    public SupportedOperations(List<Operation> table) {
        this.table = table;
    }

    /** What the table has of them. */
    public List<Operation> operations() {
        return List.of(
            Operation.action("a3 0c 87 ff ff ff ff ff ff ff 00 00", Operation.OTHER, this::execute),
            Operation.action("a3 0d 80 00 00 00 ff ff ff ff 00 00", Operation.OTHER, SupportedOperations::functions));
    }

    private void execute(Command command) {
        long cdb = command.cdb();
        int options = Mem.getU8(cdb + OPTIONS_AT) & OPTIONS;
        boolean timeouts = (Mem.getU8(cdb + OPTIONS_AT) & RCTD) != 0;
        if (options == ALL) {
            all(command, timeouts);
            return;
        } else if (options > BY_EITHER) {
            command.invalidField(OPTIONS_AT, 2);
            return;
        }
        int opcode = Mem.getU8(cdb + OPCODE_AT);
        int action = Mem.getU8(cdb + ACTION_AT) << Byte.SIZE | Mem.getU8(cdb + ACTION_AT + 1);
        List<Operation> same = table.stream().filter(operation -> operation.opcode == opcode).toList();
        boolean hasActions = same.stream().anyMatch(operation -> operation.action >= 0);
        if (options == BY_OPCODE && hasActions) {
            command.invalidField(OPTIONS_AT, 2);
        } else if (options == BY_ACTION && !hasActions && !same.isEmpty()) {
            command.invalidField(OPTIONS_AT, 2);
        } else {
            one(command, timeouts, same.stream()
                .filter(operation -> hasActions ? operation.action == action : options != BY_EITHER || action == 0).findFirst()
                .orElse(null));
        }
    }

    private void all(Command command, boolean timeouts) {
        ByteBuffer data = ByteBuffer.allocate(Workspace.PAGE_BYTES).position(HEADER_BYTES);
        for (Operation operation : table) {
            boolean hasAction = operation.action >= 0;
            data.put((byte) operation.opcode).put((byte) 0).putShort((short) Math.max(0, operation.action)).put((byte) 0)
                .put((byte) ((hasAction ? SERVACTV : 0) | (timeouts ? CTDP : 0))).putShort((short) operation.length());
            if (timeouts) {
                putTimeouts(data);
            }
        }
        data.putInt(0, data.position() - HEADER_BYTES);
        answer(command, data);
    }

    /** No time is recommended. */
    private static void putTimeouts(ByteBuffer data) {
        data.putShort((short) (TIMEOUTS_BYTES - Short.BYTES)).position(data.position() + TIMEOUTS_BYTES - Short.BYTES);
    }

    private static void one(Command command, boolean timeouts, Operation operation) {
        ByteBuffer data = ByteBuffer.allocate(64);
        if (operation == null) {
            data.put(1, (byte) NOT_SUPPORTED).position(HEADER_BYTES);
        } else {
            data.put((byte) 0).put((byte) (SUPPORTED | (timeouts ? ONE_CTDP : 0))).putShort((short) operation.length())
                .put(operation.usage());
            if (timeouts) {
                putTimeouts(data);
            }
        }
        answer(command, data);
    }

    private static void answer(Command command, ByteBuffer data) {
        command.answer(data.array(), data.position(), Cdb12.TRANSFER_LENGTH.get(command.cdb()));
    }

    private static void functions(Command command) {
        boolean isLong = (Mem.getU8(command.cdb() + OPTIONS_AT) & RCTD) != 0;
        ByteBuffer data = ByteBuffer.allocate(FUNCTIONS_LONG_BYTES).put(0, (byte) FUNCTIONS);
        if (isLong) {
            data.put(FUNCTIONS_BYTES - 1, (byte) (FUNCTIONS_LONG_BYTES - FUNCTIONS_BYTES));
        }
        answer(command, data.position(isLong ? FUNCTIONS_LONG_BYTES : FUNCTIONS_BYTES));
    }
}
