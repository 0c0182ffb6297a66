package dev.karst.scsi.core.command;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.spec.scsi.BlockFlags;
import java.util.List;

/** VERIFY and WRITE AND VERIFY. SBC-4, 5.36 to 5.38 and 5.47 to 5.49. */
@ReactorConfined
final class Verifies {
    /** BYTCHK: the blocks can be read. */
    private static final int MEDIUM = 0;
    /** BYTCHK: the blocks hold what was sent. */
    private static final int COMPARE = 1;
    /** BYTCHK: each block holds the one block that was sent. */
    private static final int COMPARE_ONE = 3;
    private static final int BYTCHK_BIT = 2;

    private static final CommandSet.Step THEN_VERIFY = Verifies::thenVerify;
    private static final CommandSet.Step THEN_LOOK = Verifies::thenLook;
    private static final CommandSet.Step THEN_NEXT = Verifies::thenNext;

    private Verifies() {}

    static List<Operation> operations() {
        return List.of(
            Operation.of("2f 16 ff ff ff ff 3f ff ff 00", Operation.READ, Verifies::verify),
            Operation.of("af 16 ff ff ff ff ff ff ff ff 3f 00", Operation.READ, Verifies::verify),
            Operation.of("8f 16 ff ff ff ff ff ff ff ff ff ff ff ff 3f 00", Operation.READ, Verifies::verify),
            Operation.of("2e 16 ff ff ff ff 3f ff ff 00", Operation.WRITE, Verifies::writeAndVerify),
            Operation.of("ae 16 ff ff ff ff ff ff ff ff 3f 00", Operation.WRITE, Verifies::writeAndVerify),
            Operation.of("8e 16 ff ff ff ff ff ff ff ff ff ff ff ff 3f 00", Operation.WRITE, Verifies::writeAndVerify));
    }

    private static int byteCheck(Command command) {
        return Ranges.flags(command.cdb()) >> BlockFlags.BYTCHK_SHIFT & BlockFlags.BYTCHK_MASK;
    }

    private static void verify(Command command) {
        switch (byteCheck(command)) {
            case MEDIUM -> {
                if (Ranges.take(command, Ranges.blocks(command.cdb()))) {
                    submit(command, IoType.VERIFY, null);
                }
            }
            case COMPARE -> {
                if (Ranges.takeTransfer(command)) {
                    compare(command);
                }
            }
            case COMPARE_ONE -> compareOne(command);
            default -> command.invalidField(1, BYTCHK_BIT);
        }
    }

    private static void submit(Command command, IoType type, CommandSet.Step step) {
        if (command.blocks == 0) {
            command.succeed();
            return;
        }
        command.type = type;
        command.step = step;
        command.channel().submit(command);
    }

    private static void compare(Command command) {
        if (command.task.sent < command.wanted) {
            Outcome.wrongLength(command);
            return;
        }
        command.data.slice(command.task.data, 0, command.wanted);
        submit(command, IoType.COMPARE, null);
    }

    /** Compares as many blocks at a time as the one fits into a list of memory. */
    private static void compareOne(Command command) {
        long blocks = Ranges.blocks(command.cdb());
        if (!Ranges.take(command, blocks)) {
            return;
        }
        command.wanted = blocks == 0 ? 0 : 1L << command.channel().blockShift;
        if (command.task.sent < command.wanted) {
            Outcome.wrongLength(command);
            return;
        }
        command.next = command.offsetBlocks;
        command.end = command.offsetBlocks + blocks;
        if (blocks == 0) {
            command.succeed();
        } else {
            submitNext(command, IoType.COMPARE, THEN_NEXT);
        }
    }

    /** The next part of a range each of whose blocks is the one that was sent. */
    static void submitNext(Command command, IoType type, CommandSet.Step step) {
        UnitChannel channel = command.channel();
        command.offsetBlocks = command.next;
        command.blocks = repeat(command, command.end - command.next, 1L << channel.blockShift);
        command.next += command.blocks;
        submit(command, type, step);
    }

    /** Fills the list of memory with the one block, over and over; gives how often. */
    private static long repeat(Command command, long most, long blockBytes) {
        IoVector one = command.other;
        one.slice(command.task.data, 0, blockBytes);
        command.data.clear();
        long times = 0;
        while (times < most && command.data.count() + one.count() <= command.data.capacity()) {
            for (int i = 0; i < one.count(); i++) {
                command.data.add(one.address(i), one.length(i));
            }
            times++;
        }
        return times;
    }

    private static void thenNext(Command command, int status) {
        if (Outcome.isOver(command, status)) {
            return;
        } else if (command.next == command.end) {
            command.succeed();
        } else {
            submitNext(command, IoType.COMPARE, THEN_NEXT);
        }
    }

    private static void writeAndVerify(Command command) {
        if (byteCheck(command) > COMPARE) {
            command.invalidField(1, BYTCHK_BIT);
        } else if (Transfers.takeWrite(command)) {
            command.end = command.blocks;
            submit(command, IoType.WRITE, command.channel().volatileCache ? THEN_VERIFY : THEN_LOOK);
        }
    }

    /** What was written goes to the medium. */
    private static void thenVerify(Command command, int status) {
        if (!Outcome.isOver(command, status)) {
            Outcome.flush(command, THEN_LOOK);
        }
    }

    /** What is on the medium is looked at. */
    private static void thenLook(Command command, int status) {
        if (!Outcome.isOver(command, status)) {
            command.offsetBlocks = Ranges.address(command.cdb());
            command.blocks = command.end;
            submit(command, byteCheck(command) == COMPARE ? IoType.COMPARE : IoType.VERIFY, null);
        }
    }
}
