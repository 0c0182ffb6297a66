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
 * READ and WRITE. Where the initiator offers less data, or takes less, than the CDB says, what both have in common is moved in whole
 * blocks. SBC-4, 5.16 to 5.19 and 5.43 to 5.46.
 */
@ReactorConfined
final class Transfers {
    private static final CommandSet.Step THEN_READ = Transfers::thenRead;

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
            command.blocks = command.task.room >> channel.blockShift;
        }
        if (command.blocks == 0) {
            command.succeed();
        } else if (isForced(command, channel)) {
            Outcome.flush(command, THEN_READ);
        } else {
            submitRead(command, command.blocks);
        }
    }

    private static void submitRead(Command command, long blocks) {
        UnitChannel channel = command.channel();
        command.type = IoType.READ;
        command.step = null;
        command.blocks = blocks;
        command.takesZeros = command.task.takesZeros;
        command.data.slice(command.task.data, 0, blocks << channel.blockShift);
        channel.submit(command);
    }

    /** What there is has been made durable: now the read itself. */
    private static void thenRead(Command command, int status) {
        if (!Outcome.isOver(command, status)) {
            command.offsetBlocks = Ranges.address(command.cdb());
            submitRead(command, Math.min(command.wanted, command.task.room) >> command.channel().blockShift);
        }
    }

    private static void write(Command command) {
        if (!Ranges.isWritable(command) || !Ranges.takeTransfer(command)) {
            return;
        }
        UnitChannel channel = command.channel();
        if (command.task.sent < command.wanted) {
            command.blocks = command.task.sent >> channel.blockShift;
        }
        if (command.blocks == 0) {
            command.succeed();
            return;
        }
        command.type = IoType.WRITE;
        command.step = isForced(command, channel) || writesThrough(channel) ? Outcome.THEN_FLUSH : null;
        command.data.slice(command.task.data, 0, command.blocks << channel.blockShift);
        channel.submit(command);
    }

    /** Whether it wants what it reads or writes to be durable when it ends, and the device would not see to that. */
    static boolean isForced(Command command, UnitChannel channel) {
        return channel.volatileCache && (Ranges.flags(command.cdb()) & BlockFlags.FUA) != 0;
    }

    /** Whether an initiator has switched the write cache off that the device has. */
    static boolean writesThrough(UnitChannel channel) {
        return channel.volatileCache && !channel.unit.mode().writeCache();
    }
}
