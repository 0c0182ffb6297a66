package dev.karst.scsi.core.command;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.scsi.core.model.Workspace;
import java.util.List;

/**
 * ORWRITE: reads a part, puts the sent bits into it, and writes it if it is still what it was; else once more. So each part is
 * one step to all others. SBC-4, 5.11.
 */
@ReactorConfined
final class OrWrite {
    private static final int PART_BYTES = Workspace.BUFFER_BYTES / 2;

    private static final CommandSet.Step THEN_READ = OrWrite::thenRead;
    private static final CommandSet.Step THEN_WRITE = OrWrite::thenWrite;
    private static final CommandSet.Step THEN_GO_ON = OrWrite::thenGoOn;

    private OrWrite() {}

    static List<Operation> operations() {
        return List.of(Operation.of("8b 18 ff ff ff ff ff ff ff ff ff ff ff ff 3f 00", Operation.WRITE, OrWrite::execute));
    }

    private static void execute(Command command) {
        if (!Ranges.isWritable(command) || !Ranges.takeTransfer(command)) {
            return;
        } else if (command.task.sent < command.wanted) {
            Outcome.wrongLength(command);
        } else if (command.blocks == 0) {
            command.succeed();
        } else {
            command.next = command.offsetBlocks;
            command.end = command.offsetBlocks + command.blocks;
            command.nexus.group.workspace.lend(command, THEN_READ);
        }
    }

    /** There is a buffer, or a part was written, or has changed meanwhile. */
    private static void thenRead(Command command, int status) {
        if (Outcome.isOver(command, status)) {
            return;
        }
        UnitChannel channel = command.channel();
        command.compare = null;
        command.type = IoType.READ;
        command.offsetBlocks = command.next;
        command.blocks = Math.min(command.end - command.next, PART_BYTES >> channel.blockShift);
        command.data.set(command.buffer, (int) command.blocks << channel.blockShift);
        command.step = THEN_WRITE;
        channel.submit(command);
    }

    private static void thenWrite(Command command, int status) {
        if (Outcome.isOver(command, status)) {
            return;
        }
        UnitChannel channel = command.channel();
        int bytes = (int) command.blocks << channel.blockShift;
        long old = command.buffer;
        long joined = command.buffer + PART_BYTES;
        command.task.data.copyTo(command.next - Ranges.address(command.cdb()) << channel.blockShift, joined, bytes);
        for (int at = 0; at < bytes; at += Long.BYTES) {
            Mem.setLong(joined + at, Mem.getLong(joined + at) | Mem.getLong(old + at));
        }
        command.other.set(old, bytes);
        command.data.set(joined, bytes);
        command.compare = command.other;
        command.type = IoType.COMPARE_AND_WRITE;
        command.step = THEN_GO_ON;
        channel.submit(command);
    }

    private static void thenGoOn(Command command, int status) {
        if (status == Status.OK) {
            command.next += command.blocks;
        }
        if (status == Status.OK && command.next == command.end && !command.isAborted()) {
            Transfers.succeedWritten(command);
        } else {
            thenRead(command, status == Status.MISCOMPARE ? Status.OK : status);
        }
    }
}
