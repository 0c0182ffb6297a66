package dev.karst.scsi.core.command;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.Sanitizer;
import dev.karst.scsi.core.model.Sanitizer.Plan;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.Cdb10;
import dev.karst.spec.scsi.SenseKey;
import java.util.List;

/** SANITIZE: OVERWRITE, BLOCK ERASE and EXIT FAILURE MODE. Not on the I/O path. SBC-4, 5.30. */
@ReactorConfined
final class Sanitize {
    private static final int IMMED = 0x80;
    private static final int AUSE = 0x20;
    private static final int AUSE_BIT = 5;
    private static final int ACTION_BIT = 4;
    private static final int INVERT = 0x80;
    private static final int COUNT = 0x1f;
    private static final int COUNT_BIT = 4;
    private static final int PATTERN_LENGTH_AT = 2;
    private static final int PATTERN_AT = 4;

    /** A command that waits for the end; it may be let go of. */
    private static final class Waiter {
        private Command command;

        private Waiter(Command command) {
            this.command = command;
        }

        private void ended(boolean well) {
            if (command == null) {
                return;
            } else if (well) {
                command.succeed();
            } else {
                command.fail(SenseKey.MEDIUM_ERROR, Asc.SANITIZE_COMMAND_FAILED);
            }
        }

        private void letGo() {
            Command left = command;
            command = null;
            left.fail(SenseKey.ABORTED_COMMAND, Asc.NO_ADDITIONAL_SENSE_INFORMATION);
        }
    }

    private Sanitize() {}

    static List<Operation> operations() {
        return List.of(
            Operation.action("48 a1 00 00 00 00 00 ff ff 00", Operation.WRITE, Sanitize::overwrite),
            Operation.action("48 a2 00 00 00 00 00 ff ff 00", Operation.WRITE, Sanitize::erase),
            Operation.action("48 bf 00 00 00 00 00 ff ff 00", Operation.WRITE, Sanitize::exitFailure));
    }

    private static void overwrite(Command command) {
        int length = Cdb10.TRANSFER_LENGTH.get(command.cdb());
        int blockBytes = 1 << command.channel().blockShift;
        command.wanted = length;
        if (length <= PATTERN_AT || length > PATTERN_AT + blockBytes) {
            command.invalidField(Cdb10.TRANSFER_LENGTH.offset(), -1);
            return;
        } else if (command.task.sent < length) {
            Outcome.wrongLength(command);
            return;
        }
        long list = command.sent(0, length);
        int passes = Mem.getU8(list) & COUNT;
        boolean inverts = (Mem.getU8(list) & INVERT) != 0;
        int patternBytes = Mem.getU8(list + PATTERN_LENGTH_AT) << Byte.SIZE | Mem.getU8(list + PATTERN_LENGTH_AT + 1);
        if (passes == 0) {
            command.invalidParameter(0, COUNT_BIT);
        } else if (patternBytes == 0 || patternBytes != length - PATTERN_AT) {
            command.invalidParameter(PATTERN_LENGTH_AT, -1);
        } else {
            byte[] sent = command.sentBytes(length);
            var block = new byte[blockBytes];
            for (int i = 0; i < blockBytes; i++) {
                block[i] = sent[PATTERN_AT + i % patternBytes];
            }
            begin(command, new Plan(block, passes, inverts, mayExit(command)));
        }
    }

    private static void erase(Command command) {
        if (!command.channel().unmaps && !command.channel().readOnly) {
            command.invalidField(1, ACTION_BIT);
        } else if (hasNoList(command)) {
            begin(command, new Plan(null, 1, false, mayExit(command)));
        }
    }

    private static void exitFailure(Command command) {
        Sanitizer sanitizer = command.channel().unit.sanitizer;
        if (!hasNoList(command)) {
            return;
        } else if (sanitizer.isStuck()) {
            command.invalidField(1, ACTION_BIT);
        } else {
            sanitizer.exitFailure();
            command.succeed();
        }
    }

    private static boolean hasNoList(Command command) {
        if (Cdb10.TRANSFER_LENGTH.get(command.cdb()) != 0) {
            command.invalidField(Cdb10.TRANSFER_LENGTH.offset(), -1);
            return false;
        }
        return true;
    }

    private static boolean mayExit(Command command) {
        return (Mem.getU8(command.cdb() + 1) & AUSE) != 0;
    }

    private static void begin(Command command, Plan plan) {
        Sanitizer sanitizer = command.channel().unit.sanitizer;
        if (!Ranges.isWritable(command)) {
            return;
        } else if (plan.mayExit() && sanitizer.isStuck()) {
            command.invalidField(1, AUSE_BIT);
            return;
        }
        var waiter = new Waiter(command);
        Reactor here = command.nexus.group.reactor;
        if (!sanitizer.begin(plan, command, well -> here.execute(() -> waiter.ended(well)))) {
            sanitizer.beginSense(command.task.sense, command.channel().unit.mode().descriptorSense());
            command.check();
        } else if ((Mem.getU8(command.cdb() + 1) & IMMED) != 0) {
            waiter.command = null;
            command.succeed();
        } else {
            command.letGo = waiter::letGo;
        }
    }
}
