package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.IoType;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.CommandSet;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.NvmCommand;

/** Commands whose data is that of a range of blocks: Read, Write, Compare. NVM Command Set 1.1, 3.3.1, 3.3.4, 3.3.6. */
@ReactorConfined
final class Transfers {
    private static final CommandSet.Step THEN_READ = Transfers::thenRead;
    private static final CommandSet.Step THEN_COMPARE = Transfers::thenCompare;
    static final CommandSet.Step THEN_FLUSH = Outcome::thenFlush;

    private Transfers() {}

    static void read(Command command, NamespaceChannel namespace) {
        look(IoType.READ, THEN_READ, command, namespace);
    }

    static void compare(Command command, NamespaceChannel namespace) {
        look(IoType.COMPARE, THEN_COMPARE, command, namespace);
    }

    private static void look(IoType type, CommandSet.Step whenFlushed, Command command, NamespaceChannel namespace) {
        int status = IoChecks.takeTransfer(command, namespace);
        if (status != IoChecks.OK) {
            command.finish(status);
            return;
        }
        command.type = type;
        command.takesZeros = command.request.takesZeros;
        command.takesView = command.request.takesView;
        if (isForced(command, namespace)) {
            Outcome.setFlush(command, namespace, whenFlushed);
        }
        Outcome.begin(command, namespace);
    }

    static void write(Command command, NamespaceChannel namespace) {
        int status = namespace.readOnly ? IoChecks.WRITE_PROTECTED : IoChecks.takeTransfer(command, namespace);
        if (status != IoChecks.OK) {
            command.finish(status);
            return;
        }
        command.type = IoType.WRITE;
        command.step = isForced(command, namespace) ? THEN_FLUSH : null;
        Outcome.begin(command, namespace);
    }

    /** Whether it wants what it reads or writes to be durable when it ends, and the device would not see to that. */
    static boolean isForced(Command command, NamespaceChannel namespace) {
        return namespace.volatileCache && NvmCommand.FUA.get(command.sqe()) != 0;
    }

    private static void thenRead(Command command, int status) {
        then(IoType.READ, command, status);
    }

    private static void thenCompare(Command command, int status) {
        then(IoType.COMPARE, command, status);
    }

    /** What there is has been made durable: now the command itself. */
    private static void then(IoType type, Command command, int status) {
        if (!Outcome.isOver(command, status)) {
            command.type = type;
            command.step = null;
            command.offsetBlocks = NvmCommand.SLBA.get(command.sqe());
            command.blocks = NvmCommand.NLB.get(command.sqe()) + 1L;
            command.namespace.submit(command);
        }
    }
}
