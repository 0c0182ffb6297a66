package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.CommandSet;
import dev.karst.nvmf.core.model.FusedOrder;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;

/**
 * Fused Compare and Write: two commands, one block I/O, which the second carries. If the contents differ, the Compare
 * says so and the Write is aborted; whatever else happens to the I/O happens to both. NVM Command Set 1.1, 3.1.1 (fused
 * operation); Base 2.1, 3.4.2.
 */
@ReactorConfined
final class FusedCommands {
    private static final CommandSet.Step THEN_ENDED = FusedCommands::ended;
    private static final CommandSet.Step THEN_FLUSH = FusedCommands::thenFlush;
    private static final int MISSING = NvmeStatus.ABORTED_MISSING_FUSED | NvmeStatus.DNR;
    private static final int FAILED = NvmeStatus.ABORTED_FAILED_FUSED;
    private static final int TOO_LARGE = NvmeStatus.ATOMIC_WRITE_UNIT_EXCEEDED | NvmeStatus.DNR;

    private FusedCommands() {}

    /** Executes one of two; the one that is executed last takes the other with it. */
    static void execute(Command command) {
        int refusal = checkAlone(command);
        if (refusal != IoChecks.OK) {
            command.queue.fused.fail(command, refusal);
            return;
        }
        Command other = command.queue.fused.meet(command);
        if (other == null) {
            return;
        }
        boolean isSecond = Sqe.FUSE.get(command.sqe()) == Sqe.FUSE_SECOND;
        executeBoth(isSecond ? other : command, isSecond ? command : other);
    }

    private static int checkAlone(Command command) {
        long sqe = command.sqe();
        int fuse = Sqe.FUSE.get(sqe);
        int verdict = fuse == (Sqe.FUSE_FIRST | Sqe.FUSE_SECOND) ? IoChecks.OK : command.queue.fused.verdict(command);
        if (verdict != IoChecks.OK) {
            return verdict;
        }
        boolean isOneOfTwo = fuse == Sqe.FUSE_FIRST && Sqe.OPC.get(sqe) == Opcode.NVM_COMPARE
            || fuse == Sqe.FUSE_SECOND && Sqe.OPC.get(sqe) == Opcode.NVM_WRITE;
        return isOneOfTwo && IoChecks.isDescribed(sqe) ? IoChecks.OK : IoChecks.INVALID_FIELD;
    }

    private static void executeBoth(Command compare, Command write) {
        FusedOrder fused = write.queue.fused;
        long nsid = Sqe.NSID.get(compare.sqe());
        if (Sqe.NSID.get(write.sqe()) != nsid) {
            fused.finish(write, MISSING, MISSING);
            return;
        } else if (!isSameRange(compare.sqe(), write.sqe())) {
            fused.finish(write, IoChecks.INVALID_FIELD, IoChecks.INVALID_FIELD);
            return;
        }
        NamespaceChannel namespace = compare.queue.namespace(nsid);
        int status = IoChecks.checkWay(compare, namespace, Opcode.NVM_WRITE);
        if (status == IoChecks.OK) {
            status = prepare(compare, namespace);
        }
        if (status != IoChecks.OK) {
            fused.finish(write, FAILED, status);
            return;
        }
        status = namespace.readOnly ? IoChecks.WRITE_PROTECTED : IoChecks.takeTransfer(write, namespace);
        if (status != IoChecks.OK) {
            fused.finish(write, status, FAILED);
            return;
        } else if (!ProtectionFields.isSame(compare, write)) {
            fused.finish(write, IoChecks.INVALID_FIELD, IoChecks.INVALID_FIELD);
            return;
        }
        write.type = IoType.COMPARE_AND_WRITE;
        write.compare = compare.data;
        write.step = Transfers.isForced(write, namespace) ? THEN_FLUSH : THEN_ENDED;
        Outcome.begin(write, namespace);
    }

    private static boolean isSameRange(long compare, long write) {
        return NvmCommand.SLBA.get(compare) == NvmCommand.SLBA.get(write)
            && NvmCommand.NLB.get(compare) == NvmCommand.NLB.get(write);
    }

    private static int prepare(Command compare, NamespaceChannel namespace) {
        int status = IoChecks.takeProtectedRange(compare, namespace);
        if (status != IoChecks.OK) {
            return status;
        }
        return compare.blocks > namespace.maxCompareAndWriteBlocks
            ? TOO_LARGE : IoChecks.takeMemory(compare, compare.blocks * namespace.blockBytes);
    }

    private static void thenFlush(Command write, int status) {
        if (Outcome.soFar(write, status) != IoChecks.OK) {
            ended(write, status == Status.OK ? Status.ABORTED : status);
        } else {
            Outcome.setFlush(write, write.namespace, THEN_ENDED);
            write.namespace.submit(write);
        }
    }

    private static void ended(Command write, int status) {
        int outcome = StatusTable.toNvme(status, write.type);
        write.namespace.leave(write);
        write.compare = null;
        boolean differs = status == Status.MISCOMPARE;
        write.queue.fused.finish(write, differs ? FAILED : outcome, outcome);
    }
}
