package dev.karst.scsi.core.copy;

import dev.karst.base.Mem;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CopyLimits;
import dev.karst.scsi.core.model.CopyStatus;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.Workspace;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.Cdb16;
import dev.karst.spec.scsi.SenseKey;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * EXTENDED COPY (LID1), RECEIVE COPY STATUS (LID1) and RECEIVE COPY OPERATING PARAMETERS. A copy has ended when it is answered:
 * what became of it is kept until it is asked for, or another one ends.
 */
public final class CopyCommands {
    private static final int LIST_AT = 2;
    private static final int STATUS_BYTES = 12;
    private static final int COMPLETED = 1;
    private static final int FAILED = 2;
    /** TRANSFER COUNT UNITS. */
    private static final int KIBIBYTES = 1;
    private static final int KIBIBYTE_SHIFT = 10;
    private static final int PARAMETERS_BYTES = 46;
    private static final int GRANULARITY_SHIFT = 9;

    private CopyCommands() {}

    /** What the table has of them. */
    public static List<Operation> operations() {
        return List.of(
            Operation.action("83 00 00 00 00 00 00 00 00 00 ff ff ff ff 00 00", Operation.WRITE, CopyCommands::copy),
            Operation.action("84 00 ff 00 00 00 00 00 00 00 ff ff ff ff 00 00", Operation.OTHER, CopyCommands::status),
            Operation.action("84 03 ff 00 00 00 00 00 00 00 ff ff ff ff 00 00", Operation.OTHER, CopyCommands::parameters));
    }

    private static void copy(Command command) {
        command.wanted = Cdb16.TRANSFER_LENGTH.get(command.cdb());
        int there = (int) Math.min(command.wanted, command.task.sent);
        if (command.wanted == 0) {
            command.succeed();
            return;
        } else if (there < CopyList.HEADER_BYTES || there > Workspace.PAGE_BYTES) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.PARAMETER_LIST_LENGTH_ERROR);
            return;
        }
        var list = new CopyList(command.sentBytes(there));
        int problem = list.check();
        if (problem != 0) {
            command.fail(SenseKey.ILLEGAL_REQUEST, problem);
        } else {
            CopyJob.begin(command, list);
        }
    }

    private static void status(Command command) {
        CopyStatus copied = command.unit.copied;
        if (copied == null || copied.list() != Mem.getU8(command.cdb() + LIST_AT)) {
            command.invalidField(LIST_AT, Byte.SIZE - 1);
            return;
        }
        command.unit.copied = null;
        ByteBuffer data = ByteBuffer.allocate(STATUS_BYTES).putInt(STATUS_BYTES - Integer.BYTES)
            .put((byte) (copied.failed() ? FAILED : COMPLETED)).putShort((short) copied.segments()).put((byte) KIBIBYTES)
            .putInt((int) (copied.bytes() >> KIBIBYTE_SHIFT));
        command.answer(data.array(), STATUS_BYTES, Cdb16.TRANSFER_LENGTH.get(command.cdb()));
    }

    private static void parameters(Command command) {
        ByteBuffer data = ByteBuffer.allocate(PARAMETERS_BYTES);
        data.putInt(0, PARAMETERS_BYTES - Integer.BYTES);
        // SNLID: a list needs no identifier.
        data.put(4, (byte) 1);
        data.putShort(8, (short) CopyLimits.TARGETS).putShort(10, (short) CopyLimits.SEGMENTS).putInt(12, CopyLimits.LIST_BYTES);
        data.putShort(34, (short) CopyLimits.CONCURRENT).put(36, (byte) CopyLimits.CONCURRENT).put(37, (byte) GRANULARITY_SHIFT);
        data.put(43, (byte) 2).put(44, (byte) CopyLimits.BLOCK_TO_BLOCK).put(45, (byte) CopyLimits.IDENTIFICATION);
        command.answer(data.array(), PARAMETERS_BYTES, Cdb16.TRANSFER_LENGTH.get(command.cdb()));
    }
}
