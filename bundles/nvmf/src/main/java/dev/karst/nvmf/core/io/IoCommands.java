package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.CommandSet;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;

/**
 * The I/O commands of the NVM command set: which there are, and who executes them. Each is checked, becomes one block
 * I/O or several, and ends once. NVM Command Set 1.1, 3.
 */
@ReactorConfined
public final class IoCommands extends CommandSet {
    private final CommandSet fabrics;

    /** With what executes the Fabrics commands that an I/O queue may carry. */
    public IoCommands(CommandSet fabrics) {
        this.fabrics = fabrics;
    }

    @Override
    public void execute(Command command) {
        long sqe = command.sqe();
        int opcode = Sqe.OPC.get(sqe);
        command.aborting = false;
        command.step = null;
        if (Sqe.FUSE.get(sqe) != 0) {
            FusedCommands.execute(command);
        } else if (opcode == Opcode.FABRICS) {
            fabrics.execute(command);
        } else if (!isKnown(opcode)) {
            command.finish(IoChecks.INVALID_OPCODE);
        } else if (!IoChecks.isDescribed(sqe)) {
            command.finish(IoChecks.INVALID_FIELD);
        } else {
            NamespaceChannel namespace = command.queue.namespace(Sqe.NSID.get(sqe));
            int status = IoChecks.checkWay(command, namespace, opcode);
            if (status != IoChecks.OK) {
                command.finish(status);
            } else {
                execute(command, opcode, namespace);
            }
        }
    }

    private static boolean isKnown(int opcode) {
        return switch (opcode) {
            case Opcode.NVM_FLUSH, Opcode.NVM_WRITE, Opcode.NVM_READ, Opcode.NVM_COMPARE, Opcode.NVM_WRITE_ZEROES,
                Opcode.NVM_DATASET_MANAGEMENT, Opcode.NVM_VERIFY, Opcode.NVM_COPY -> true;
            default -> ReservationCommands.has(opcode);
        };
    }

    private static void execute(Command command, int opcode, NamespaceChannel namespace) {
        switch (opcode) {
            case Opcode.NVM_READ -> Transfers.read(command, namespace);
            case Opcode.NVM_WRITE -> Transfers.write(command, namespace);
            case Opcode.NVM_COMPARE -> Transfers.compare(command, namespace);
            case Opcode.NVM_FLUSH -> RangeCommands.flush(command, namespace);
            case Opcode.NVM_WRITE_ZEROES -> RangeCommands.writeZeroes(command, namespace);
            case Opcode.NVM_VERIFY -> RangeCommands.verify(command, namespace);
            case Opcode.NVM_COPY -> Copying.execute(command, namespace);
            case Opcode.NVM_DATASET_MANAGEMENT -> DatasetManagement.execute(command, namespace);
            default -> ReservationCommands.execute(command, namespace);
        }
    }

    @Override
    public void ended(Command command, int status) {
        Outcome.end(command, status);
    }
}
