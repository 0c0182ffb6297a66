package dev.karst.scsi.core.command;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.spec.scsi.BlockFlags;
import java.util.List;

/**
 * READ and WRITE. Where the initiator offers less data than the CDB says, whole blocks of it are written; where it takes less, it
 * gets as many bytes as it takes. SBC-4, 5.16 to 5.19 and 5.43 to 5.46.
 */
@ReactorConfined
final class Transfers {
    private static final CommandSet.Step THEN_READ = Transfers::thenRead;
    private static final CommandSet.Step THEN_WHOLE = Transfers::thenWhole;
    private static final CommandSet.Step THEN_TAIL = Transfers::thenTail;
    private static final CommandSet.Step THEN_CUT = Transfers::thenCut;

    private Transfers() {}

    static List<Operation> operations() {
        return List.of(
            Operation.of("08 1f ff ff ff 00", Operation.READ, Transfers::read),
            Operation.of("28 1c ff ff ff ff 3f ff ff 00", Operation.READ, Transfers::read),
            Operation.of("a8 1c ff ff ff ff ff ff ff ff 3f 00", Operation.READ, Transfers::read),
            Operation.of("88 1c ff ff ff ff ff ff ff ff ff ff ff ff 3f 00", Operation.READ, Transfers::read),
            Operation.of("0a 1f ff ff ff 00", Operation.WRITE, Transfers::write),
            Operation.of("2a 18 ff ff ff ff 3f ff ff 00", Operation.WRITE, Transfers::write),
            Operation.of("aa 18 ff ff ff ff ff ff ff ff 3f 00", Operation.WRITE, Transfers::write),
            Operation.of("8a 18 ff ff ff ff ff ff ff ff ff ff ff ff 3f 00", Operation.WRITE, Transfers::write));
    }

    private static void read(Command command) {
        if (!Ranges.takeTransfer(command)) {
            return;
        }
        UnitChannel channel = command.channel();
        if (command.task.room < command.wanted) {
            readLess(command, channel);
        } else if (command.blocks == 0) {
            command.succeed();
        } else if (isForced(command, channel)) {
            Outcome.flush(command, THEN_READ);
        } else {
            submitRead(command, command.blocks, null);
        }
    }

    /** The last of the blocks that the initiator takes goes through a buffer if it does not take all of it. */
    private static void readLess(Command command, UnitChannel channel) {
        command.blocks = command.task.room >> channel.blockShift;
        if (tail(command) != 0) {
            command.nexus.group.workspace.lend(command, THEN_WHOLE);
        } else if (command.blocks == 0) {
            command.succeed();
        } else {
            submitRead(command, command.blocks, null);
        }
    }

    private static int tail(Command command) {
        return command.task.room & (1 << command.channel().blockShift) - 1;
    }

    private static void thenWhole(Command command, int status) {
        if (Outcome.isOver(command, status)) {
            return;
        } else if (command.blocks == 0) {
            thenTail(command, status);
        } else {
            submitRead(command, command.blocks, THEN_TAIL);
        }
    }

    private static void thenTail(Command command, int status) {
        if (!Outcome.isOver(command, status)) {
            UnitChannel channel = command.channel();
            command.type = IoType.READ;
            command.offsetBlocks += command.blocks;
            command.blocks = 1;
            command.data.set(command.buffer, 1 << channel.blockShift);
            command.step = THEN_CUT;
            channel.submit(command);
        }
    }

    private static void thenCut(Command command, int status) {
        if (!Outcome.isOver(command, status)) {
            int tail = tail(command);
            command.task.data.copyFrom(command.task.room - tail, command.buffer, tail);
            command.succeed(command.task.room);
        }
    }

    private static void submitRead(Command command, long blocks, CommandSet.Step step) {
        UnitChannel channel = command.channel();
        command.type = IoType.READ;
        command.step = step;
        command.blocks = blocks;
        command.takesZeros = command.task.takesZeros && command.buffer == 0;
        command.takesView = command.task.takesView && command.buffer == 0;
        command.data.slice(command.task.data, 0, blocks << channel.blockShift);
        channel.submit(command);
    }

    /** What there is has been made durable: now the read itself. */
    private static void thenRead(Command command, int status) {
        if (!Outcome.isOver(command, status)) {
            command.offsetBlocks = Ranges.address(command.cdb());
            submitRead(command, command.wanted >> command.channel().blockShift, null);
        }
    }

    private static void write(Command command) {
        if (!takeWrite(command)) {
            return;
        } else if (command.blocks == 0) {
            command.succeed();
            return;
        }
        UnitChannel channel = command.channel();
        command.type = IoType.WRITE;
        command.step = mustFlush(command, channel) ? Outcome.THEN_FLUSH : null;
        channel.submit(command);
    }

    /** Takes range and data of a command that writes what was sent, whole blocks of it; false when the command has ended. */
    static boolean takeWrite(Command command) {
        if (!Ranges.isWritable(command) || !Ranges.takeTransfer(command)) {
            return false;
        }
        int shift = command.channel().blockShift;
        command.blocks = Math.min(command.blocks, command.task.sent >> shift);
        command.data.slice(command.task.data, 0, command.blocks << shift);
        return true;
    }

    /** Ends a command that has written, once that is as durable as is asked for. */
    static void succeedWritten(Command command) {
        if (mustFlush(command, command.channel())) {
            Outcome.flush(command, null);
        } else {
            command.succeed();
        }
    }

    private static boolean mustFlush(Command command, UnitChannel channel) {
        return isForced(command, channel) || writesThrough(channel);
    }

    /** Whether it wants what it reads or writes to be durable when it ends, and the device would not see to that. */
    private static boolean isForced(Command command, UnitChannel channel) {
        return channel.volatileCache && (Ranges.flags(command.cdb()) & BlockFlags.FUA) != 0;
    }

    /** Whether an initiator has switched the write cache off that the device has. */
    static boolean writesThrough(UnitChannel channel) {
        return channel.volatileCache && !channel.unit.mode().writeCache();
    }
}
