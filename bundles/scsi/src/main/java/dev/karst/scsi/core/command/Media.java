package dev.karst.scsi.core.command;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.spec.scsi.Cdb10;
import dev.karst.spec.scsi.Cdb12;
import java.util.List;

/**
 * Commands about the medium: READ DEFECT DATA, START STOP UNIT and PREVENT ALLOW MEDIUM REMOVAL. A unit is always started, has no
 * defects, and cannot be taken out. SBC-4, 5.24, 5.25, 5.31; SPC-5, 6.24.
 */
@ReactorConfined
final class Media {
    private static final int LOEJ_AT = 4;
    private static final int LOEJ_BIT = 1;
    private static final int START = 1;
    private static final int NO_FLUSH = 4;
    private static final int POWER_CONDITION_SHIFT = 4;
    private static final int DEFECTS_10_BYTES = 4;
    private static final int DEFECTS_12_BYTES = 8;
    private static final int LISTS = 0x1f;

    private Media() {}

    static List<Operation> operations() {
        return List.of(
            Operation.of("37 00 1f 00 00 00 00 ff ff 00", Operation.READ, Media::defects10),
            Operation.of("b7 1f ff ff ff ff ff ff ff ff 00 00", Operation.READ, Media::defects12),
            Operation.of("1b 01 00 0f f7 00", Operation.OTHER, Media::startStop),
            Operation.of("1e 00 00 00 01 00", Operation.OTHER, Command::succeed));
    }

    private static void defects10(Command command) {
        long page = command.clearPage(DEFECTS_10_BYTES);
        Mem.setByte(page + 1, (byte) (Mem.getU8(command.cdb() + 2) & LISTS));
        command.answer(page, DEFECTS_10_BYTES, Cdb10.TRANSFER_LENGTH.get(command.cdb()));
    }

    private static void defects12(Command command) {
        long page = command.clearPage(DEFECTS_12_BYTES);
        Mem.setByte(page + 1, (byte) (Mem.getU8(command.cdb() + 1) & LISTS));
        command.answer(page, DEFECTS_12_BYTES, Cdb12.TRANSFER_LENGTH.get(command.cdb()));
    }

    /** Who stops a unit wants what it wrote to be durable. */
    private static void startStop(Command command) {
        int flags = Mem.getU8(command.cdb() + LOEJ_AT);
        boolean stops = flags >> POWER_CONDITION_SHIFT == 0 && (flags & (START | NO_FLUSH)) == 0;
        if ((flags & 1 << LOEJ_BIT) != 0) {
            command.invalidField(LOEJ_AT, LOEJ_BIT);
        } else if (stops && command.channel().volatileCache) {
            Outcome.flush(command, null);
        } else {
            command.succeed();
        }
    }
}
