package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.CommandSet;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.NvmeStatus;

/** How the block I/O of a command begins, goes on and ends. */
@ReactorConfined
final class Outcome {
    private Outcome() {}

    /** The first block I/O of a command. */
    static void begin(Command command, NamespaceChannel namespace) {
        namespace.enter(command);
        namespace.submit(command);
    }

    /** A FLUSH of everything is next; {@code then} follows, or the end. */
    static void setFlush(Command command, NamespaceChannel namespace, CommandSet.Step then) {
        command.type = IoType.FLUSH;
        command.offsetBlocks = 0;
        command.blocks = namespace.blocks;
        command.step = then;
    }

    /** A step of a command that writes with FUA: what was written is flushed. */
    static void thenFlush(Command command, int status) {
        if (!isOver(command, status)) {
            setFlush(command, command.namespace, null);
            command.namespace.submit(command);
        }
    }

    /** For a step: ends the command unless the last block I/O went well and nobody wants the command to end. */
    static boolean isOver(Command command, int status) {
        int outcome = soFar(command, status);
        if (outcome != NvmeStatus.SUCCESSFUL_COMPLETION) {
            end(command, outcome, 0);
        }
        return outcome != NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    /** For a step: what the command ends with if it cannot go on. */
    static int soFar(Command command, int status) {
        if (status != Status.OK) {
            return StatusTable.toNvme(status, command.type);
        }
        return command.aborting ? NvmeStatus.COMMAND_ABORT_REQUESTED : NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    /** The command ends with what its last block I/O ended with. */
    static void end(Command command, int status) {
        if (status == Status.OK && command.type == IoType.READ) {
            int bytes = (int) command.blocks * command.namespace.blockBytes(command);
            command.request.zeros = command.zeros;
            command.request.view.take(command.view);
            command.namespace.leave(command);
            command.queue.finish(command, NvmeStatus.SUCCESSFUL_COMPLETION, 0, bytes);
        } else {
            end(command, StatusTable.toNvme(status, command.type), 0);
        }
    }

    /** The command ends, without data. */
    static void end(Command command, int nvmeStatus, long result) {
        command.namespace.leave(command);
        command.queue.finish(command, nvmeStatus, result, 0);
    }
}
