package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;

/** What I/O commands are held to before anything is done; and the refusals. NVM Command Set 1.1, 3. */
@ReactorConfined
final class IoChecks {
    static final int OK = NvmeStatus.SUCCESSFUL_COMPLETION;
    static final int INVALID_OPCODE = NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
    static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    static final int INVALID_NAMESPACE = NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;
    static final int OUT_OF_RANGE = NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
    static final int WRONG_LENGTH = NvmeStatus.DATA_SGL_LENGTH_INVALID | NvmeStatus.DNR;
    static final int WRITE_PROTECTED = NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | NvmeStatus.DNR;
    static final int RESERVED = NvmeStatus.RESERVATION_CONFLICT | NvmeStatus.DNR;
    static final int TOO_LARGE = NvmeStatus.NVM_COMMAND_SIZE_LIMIT_EXCEEDED | NvmeStatus.DNR;

    private IoChecks() {}

    /** Whether the data is described by an SGL, as Fabrics want it. */
    static boolean isDescribed(long sqe) {
        int psdt = Sqe.PSDT.get(sqe);
        return psdt == Sqe.PSDT_SGL || psdt == Sqe.PSDT_SGL_METADATA;
    }

    /** Whether the host may reach the namespace by this path now, with this command. */
    static int checkWay(Command command, NamespaceChannel namespace, int opcode) {
        if (namespace == null) {
            return INVALID_NAMESPACE;
        }
        int path = command.queue.pathStatus(namespace.namespace);
        if (path != OK) {
            return path;
        }
        boolean shutOut = namespace.access != null && command.queue.isShutOut(namespace.access, opcode);
        return shutOut ? RESERVED : OK;
    }

    /** Whether the range lies within {@code size} blocks; compared so that nothing can wrap around. */
    static boolean isInside(long first, long count, long size) {
        return first >= 0 && first <= size && count <= size - first;
    }

    /** Takes the range of a command that has one, and checks it. */
    private static int takeRange(Command command, NamespaceChannel namespace) {
        long first = NvmCommand.SLBA.get(command.sqe());
        long count = NvmCommand.NLB.get(command.sqe()) + 1L;
        command.offsetBlocks = first;
        command.blocks = count;
        return isInside(first, count, namespace.blocks) ? OK : OUT_OF_RANGE;
    }

    /** The same, and that the command may move so much and has memory for it, which becomes that of the block I/O. */
    static int takeTransfer(Command command, NamespaceChannel namespace) {
        int status = takeProtectedRange(command, namespace);
        return status == OK ? takeMemory(command, command.blocks * namespace.blockBytes(command)) : status;
    }

    /** Takes the range, and what the command says of its protection information. */
    static int takeProtectedRange(Command command, NamespaceChannel namespace) {
        int status = takeRange(command, namespace);
        return status == OK ? ProtectionFields.take(command, namespace) : status;
    }

    /** The first bytes of the host's memory are what the block I/O moves. */
    static int takeMemory(Command command, long bytes) {
        if (bytes > command.queue.maxIoBytes()) {
            return INVALID_FIELD;
        } else if (bytes > command.request.length) {
            return WRONG_LENGTH;
        }
        return command.data.slice(command.request.data, 0, bytes) ? OK : INVALID_FIELD;
    }
}
