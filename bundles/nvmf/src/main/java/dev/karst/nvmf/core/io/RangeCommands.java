package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.IoType;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.NvmCommand;

/** Commands on blocks that move no data: Flush, Write Zeroes, Verify. NVM Command Set 1.1, 3.3.5, 3.3.8; Base 2.1, 7.2. */
@ReactorConfined
final class RangeCommands {
    private RangeCommands() {}

    static void flush(Command command, NamespaceChannel namespace) {
        if (namespace.volatileCache) {
            Outcome.setFlush(command, namespace, null);
            Outcome.begin(command, namespace);
        } else {
            command.succeed(0);
        }
    }

    /**
     * Deallocates instead, if the host allows that, the blocks then read as zeros, and it wants no protection information
     * in them.
     */
    static void writeZeroes(Command command, NamespaceChannel namespace) {
        int status = namespace.readOnly ? IoChecks.WRITE_PROTECTED : IoChecks.takeProtectedRange(command, namespace);
        if (status == IoChecks.OK && command.blocks > namespace.maxZeroesBlocks) {
            status = IoChecks.INVALID_FIELD;
        }
        if (status != IoChecks.OK) {
            command.finish(status);
            return;
        }
        boolean deallocate = NvmCommand.DEAC.get(command.sqe()) != 0 && namespace.unmapReadsZeroes
            && !command.protectionAction;
        command.type = deallocate ? IoType.UNMAP : IoType.WRITE_ZEROES;
        command.step = Transfers.isForced(command, namespace) ? Transfers.THEN_FLUSH : null;
        Outcome.begin(command, namespace);
    }

    static void verify(Command command, NamespaceChannel namespace) {
        int status = IoChecks.takeProtectedRange(command, namespace);
        if (status != IoChecks.OK) {
            command.finish(status);
            return;
        }
        command.type = IoType.VERIFY;
        Outcome.begin(command, namespace);
    }
}
