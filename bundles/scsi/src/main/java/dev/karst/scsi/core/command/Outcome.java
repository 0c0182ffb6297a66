package dev.karst.scsi.core.command;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.SenseKey;

/** How the block I/O of a command goes on and ends. */
@ReactorConfined
final class Outcome {
    /** A step of a command that wants what it wrote to be durable. */
    static final CommandSet.Step THEN_FLUSH = Outcome::thenFlush;

    private Outcome() {}

    /** A FLUSH of everything is next; {@code then} follows, or the end. */
    static void flush(Command command, CommandSet.Step then) {
        UnitChannel channel = command.channel();
        command.type = IoType.FLUSH;
        command.offsetBlocks = 0;
        command.blocks = channel.blocks;
        command.step = then;
        channel.submit(command);
    }

    private static void thenFlush(Command command, int status) {
        if (!isOver(command, status)) {
            flush(command, null);
        }
    }

    /** For a step: ends the command unless the last block I/O went well and nobody wants the command to end. */
    static boolean isOver(Command command, int status) {
        if (status == Status.OK && !command.isAborted()) {
            return false;
        }
        fail(command, status == Status.OK ? Status.ABORTED : status);
        return true;
    }

    /** The command ends with what its last block I/O ended with. */
    static void end(Command command, int status) {
        if (status != Status.OK) {
            fail(command, status);
        } else if (command.type == IoType.READ) {
            command.task.zeros = command.zeros;
            command.task.view.take(command.view);
            command.succeed((int) (command.blocks << command.channel().blockShift));
        } else {
            command.succeed();
        }
    }

    /** Ends a command that was not sent as much data as it needs, or more. */
    static void wrongLength(Command command) {
        if (command.task.sent < command.wanted) {
            command.fail(SenseKey.ABORTED_COMMAND, Asc.WRITE_ERROR_NOT_ENOUGH_UNSOLICITED_DATA);
        } else {
            command.invalidField(Ranges.blocksAt(command.cdb()), -1);
        }
    }

    /** The command ends with what sense data says of a status. */
    static void fail(Command command, int status) {
        int sense = StatusTable.toSense(status, command.type);
        command.fail(StatusTable.key(sense), StatusTable.asc(sense));
    }
}
