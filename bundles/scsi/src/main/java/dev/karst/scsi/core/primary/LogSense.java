package dev.karst.scsi.core.primary;

import dev.karst.base.Mem;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.spec.scsi.Cdb10;
import java.util.List;

/** LOG SENSE: which pages there are, and that nothing is wrong. SPC-5, 6.8, 7.3.17 and 7.3.10. */
public final class LogSense {
    private static final int PAGE_AT = 2;
    private static final int SUBPAGE_AT = 3;
    private static final int CODE = 0x3f;
    private static final int SUPPORTED = 0x00;
    private static final int INFORMATIONAL_EXCEPTIONS = 0x2f;

    private static final byte[] PAGES = {0, 0, 0, 2, SUPPORTED, INFORMATIONAL_EXCEPTIONS};
    /** Parameter 0 in list format, of 4 bytes: no additional sense code, no temperature. */
    private static final byte[] NO_EXCEPTION = {INFORMATIONAL_EXCEPTIONS, 0, 0, 8, 0, 0, 0x03, 4, 0, 0, (byte) 0xff, 0};

    private LogSense() {}

    /** What the table has of it. */
    public static List<Operation> operations() {
        return List.of(Operation.of("4d 00 ff ff 00 ff ff ff ff 00", Operation.FREE, LogSense::execute));
    }

    private static void execute(Command command) {
        long cdb = command.cdb();
        int code = Mem.getU8(cdb + PAGE_AT) & CODE;
        if (code != SUPPORTED && code != INFORMATIONAL_EXCEPTIONS) {
            command.invalidField(PAGE_AT, Integer.SIZE - 1 - Integer.numberOfLeadingZeros(CODE));
        } else if (Mem.getU8(cdb + SUBPAGE_AT) != 0) {
            command.invalidField(SUBPAGE_AT, Byte.SIZE - 1);
        } else {
            byte[] page = code == SUPPORTED ? PAGES : NO_EXCEPTION;
            command.answer(page, page.length, Cdb10.TRANSFER_LENGTH.get(cdb));
        }
    }
}
