package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.CommandSet;
import dev.karst.nvmf.core.model.CopyLimits;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.nvm.CopyCommand;
import dev.karst.spec.nvme.nvm.CopyRange;

/**
 * Copy: source ranges of a namespace, one after the other, to one place in it. All are checked before the first is
 * copied. A command that fails says in dword 0 which range was the first that was not copied. NVM Command Set 1.1,
 * 3.3.2.
 */
@ReactorConfined
final class Copying {
    private static final CommandSet.Step THEN_RANGE = Copying::thenRange;
    private static final int OVERLAPPING = NvmeStatus.NVM_OVERLAPPING_IO_RANGE | NvmeStatus.DNR;

    private Copying() {}

    static void execute(Command command, NamespaceChannel namespace) {
        int ranges = CopyCommand.NR.get(command.sqe()) + 1;
        int status = namespace.readOnly ? IoChecks.WRITE_PROTECTED : checkCommand(command, namespace, ranges);
        if (status != IoChecks.OK) {
            command.finish(status);
            return;
        }
        command.ranges = ranges;
        command.nextRange = 0;
        command.offsetBlocks = CopyCommand.SDLBA.get(command.sqe());
        command.blocks = 0;
        status = checkRanges(command, namespace);
        if (status != IoChecks.OK) {
            command.queue.finish(command, status, command.nextRange, 0);
            return;
        }
        command.type = IoType.COPY;
        command.step = THEN_RANGE;
        command.nextRange = 0;
        command.blocks = 0;
        namespace.enter(command);
        next(command);
    }

    private static int checkCommand(Command command, NamespaceChannel namespace, int ranges) {
        if (CopyCommand.DESFMT.get(command.sqe()) != ProtectionFields.rangeFormat(namespace)) {
            return IoChecks.INVALID_FIELD;
        } else if (ranges > CopyLimits.MAX_RANGES) {
            return IoChecks.TOO_LARGE;
        }
        return command.request.length < ranges * ProtectionFields.rangeBytes(namespace)
            ? IoChecks.WRONG_LENGTH : ProtectionFields.takeCopy(command, namespace);
    }

    /** Counts in {@link Command#nextRange}, so that it tells which range was wrong. */
    private static int checkRanges(Command command, NamespaceChannel namespace) {
        long first = command.offsetBlocks;
        long total = 0;
        for (int i = 0; i < command.ranges; i++) {
            total += CopyRange.NLB.get(range(command, namespace, i)) + 1L;
        }
        if (total > CopyLimits.MAX_BLOCKS) {
            return IoChecks.TOO_LARGE;
        } else if (!IoChecks.isInside(first, total, namespace.blocks)) {
            return IoChecks.OUT_OF_RANGE;
        }
        for (; command.nextRange < command.ranges; command.nextRange++) {
            long range = range(command, namespace, command.nextRange);
            long source = CopyRange.SLBA.get(range);
            long count = CopyRange.NLB.get(range) + 1L;
            if (count > CopyLimits.MAX_RANGE_BLOCKS) {
                return IoChecks.TOO_LARGE;
            } else if (!IoChecks.isInside(source, count, namespace.blocks)) {
                return IoChecks.OUT_OF_RANGE;
            } else if (source < first + total && first < source + count) {
                return OVERLAPPING;
            }
            int status = ProtectionFields.checkRange(command, namespace, range);
            if (status != IoChecks.OK) {
                return status;
            }
        }
        return IoChecks.OK;
    }

    private static long range(Command command, NamespaceChannel namespace, int index) {
        return command.descriptor(index, ProtectionFields.rangeBytes(namespace));
    }

    private static void thenRange(Command command, int status) {
        int outcome = Outcome.soFar(command, status);
        if (status != Status.OK) {
            Outcome.end(command, outcome, command.nextRange - 1L);
        } else if (command.nextRange == command.ranges) {
            copied(command);
        } else if (outcome != IoChecks.OK) {
            Outcome.end(command, outcome, command.nextRange);
        } else {
            next(command);
        }
    }

    private static void next(Command command) {
        long range = range(command, command.namespace, command.nextRange++);
        command.offsetBlocks += command.blocks;
        command.sourceBlock = CopyRange.SLBA.get(range);
        command.blocks = CopyRange.NLB.get(range) + 1L;
        ProtectionFields.takeRange(command, range);
        command.namespace.submit(command);
    }

    private static void copied(Command command) {
        if (Transfers.isForced(command, command.namespace)) {
            Outcome.setFlush(command, command.namespace, null);
            command.namespace.submit(command);
        } else {
            Outcome.end(command, IoChecks.OK, 0);
        }
    }
}
