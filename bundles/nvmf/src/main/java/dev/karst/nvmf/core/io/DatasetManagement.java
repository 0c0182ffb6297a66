package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.IoType;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.CommandSet;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.nvm.DatasetManagementCommand;
import dev.karst.spec.nvme.nvm.DatasetManagementRange;

/** Dataset Management: gives ranges back; the other attributes are hints, and ignored. NVM Command Set 1.1, 3.3.3. */
@ReactorConfined
final class DatasetManagement {
    private static final CommandSet.Step THEN_RANGE = DatasetManagement::thenRange;

    private DatasetManagement() {}

    /** Checks every range before the first is given back: all or nothing. */
    static void execute(Command command, NamespaceChannel namespace) {
        long sqe = command.sqe();
        int ranges = DatasetManagementCommand.NR.get(sqe) + 1;
        int status = check(command, namespace, ranges);
        boolean hintOnly = DatasetManagementCommand.AD.get(sqe) == 0 || !namespace.unmaps;
        if (status != IoChecks.OK || hintOnly) {
            command.finish(status);
            return;
        } else if (namespace.readOnly) {
            command.finish(IoChecks.WRITE_PROTECTED);
            return;
        }
        command.type = IoType.UNMAP;
        command.step = THEN_RANGE;
        command.ranges = ranges;
        command.nextRange = 0;
        namespace.enter(command);
        next(command);
    }

    private static int check(Command command, NamespaceChannel namespace, int ranges) {
        if (command.request.length < ranges * DatasetManagementRange.BYTES) {
            return IoChecks.WRONG_LENGTH;
        }
        for (int i = 0; i < ranges; i++) {
            long range = range(command, i);
            long blocks = DatasetManagementRange.LLB.get(range);
            if (!IoChecks.isInside(DatasetManagementRange.SLBA.get(range), blocks, namespace.blocks)) {
                return IoChecks.OUT_OF_RANGE;
            } else if (blocks > namespace.maxDiscardBlocks) {
                return IoChecks.TOO_LARGE;
            }
        }
        return IoChecks.OK;
    }

    private static long range(Command command, int index) {
        return command.descriptor(index, DatasetManagementRange.BYTES);
    }

    private static void thenRange(Command command, int status) {
        if (!Outcome.isOver(command, status)) {
            next(command);
        }
    }

    private static void next(Command command) {
        while (command.nextRange < command.ranges) {
            long range = range(command, command.nextRange++);
            command.offsetBlocks = DatasetManagementRange.SLBA.get(range);
            command.blocks = DatasetManagementRange.LLB.get(range);
            if (command.blocks > 0) {
                command.namespace.submit(command);
                return;
            }
        }
        Outcome.end(command, NvmeStatus.SUCCESSFUL_COMPLETION, 0);
    }
}
