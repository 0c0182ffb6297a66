package dev.karst.scsi.core.primary;

import dev.karst.base.Mem;
import dev.karst.scsi.ScsiDevice.Unit;
import dev.karst.scsi.core.model.Attentions;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.Sense;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.Cdb12;
import dev.karst.spec.scsi.SenseKey;
import java.util.List;

/** TEST UNIT READY, REQUEST SENSE and REPORT LUNS. SPC-5, 6.47, 6.39 and 6.33. */
public final class UnitCommands {
    private static final int DESCRIPTORS = 1;
    private static final int ALLOCATION_6_AT = 4;
    private static final int LUN_BYTES = 8;
    private static final int SELECT_REPORT_AT = 2;
    private static final int LUNS = 0;
    private static final int WELL_KNOWN = 1;
    private static final int ALL = 2;

    private UnitCommands() {}

    /** What the table has of them. */
    public static List<Operation> operations() {
        return List.of(
            Operation.of("00 00 00 00 00 00", Operation.OTHER, Command::succeed),
            Operation.of("03 01 00 00 ff 00", Operation.FREE, UnitCommands::requestSense).passing(),
            Operation.of("a0 00 ff 00 00 00 ff ff ff ff 00 00", Operation.FREE, UnitCommands::reportLuns).passing());
    }

    private static void requestSense(Command command) {
        long page = command.page();
        boolean descriptors = (Mem.getU8(command.cdb() + 1) & DESCRIPTORS) != 0;
        if (command.unit == null) {
            Sense.begin(page, descriptors, SenseKey.ILLEGAL_REQUEST, Asc.LOGICAL_UNIT_NOT_SUPPORTED);
        } else if (command.unit.attentions.isEmpty() && command.channel().unit.sanitizer.isRefusing()) {
            command.channel().unit.sanitizer.beginSense(page, descriptors);
        } else if (command.unit.attentions.isEmpty()) {
            Sense.begin(page, descriptors, SenseKey.NO_SENSE, Asc.NO_ADDITIONAL_SENSE_INFORMATION);
        } else {
            Sense.begin(page, descriptors, SenseKey.UNIT_ATTENTION, command.unit.attentions.take());
        }
        command.answer(page, Sense.length(page), Mem.getU8(command.cdb() + ALLOCATION_6_AT));
    }

    private static void reportLuns(Command command) {
        int select = Mem.getU8(command.cdb() + SELECT_REPORT_AT);
        if (select != LUNS && select != WELL_KNOWN && select != ALL) {
            command.invalidField(SELECT_REPORT_AT, Byte.SIZE - 1);
            return;
        }
        List<Unit> units = select == WELL_KNOWN ? List.of() : command.nexus.group.device.units();
        int bytes = LUN_BYTES * (1 + units.size());
        long page = command.clearPage(bytes);
        Mem.setInt(page, Integer.reverseBytes(bytes - LUN_BYTES));
        long at = page + LUN_BYTES;
        for (Unit unit : units) {
            Mem.setByte(at + 1, (byte) unit.lun());
            at += LUN_BYTES;
        }
        if (command.unit != null) {
            Attentions attentions = command.unit.attentions;
            attentions.clear(Asc.REPORTED_LUNS_DATA_HAS_CHANGED);
        }
        command.answer(page, bytes, Cdb12.TRANSFER_LENGTH.get(command.cdb()));
    }
}
