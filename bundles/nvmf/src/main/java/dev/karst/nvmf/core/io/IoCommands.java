package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.nvmf.NvmfRequest;
import dev.karst.nvmf.core.admin.AdminCommands;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.CommandSet;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.DatasetManagementCommand;
import dev.karst.spec.nvme.DatasetManagementRange;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;

/**
 * The I/O commands of the NVM command set: checks them, turns them into block I/O, and ends them. NVM Command Set 1.1,
 * 3.
 */
@ReactorConfined
public final class IoCommands extends CommandSet {
    /** Nothing follows. */
    public static final int LAST = 0;
    /** A FLUSH follows: a write with FUA on a device with a volatile cache. */
    public static final int THEN_FLUSH = 1;
    /** The read follows: a read with FUA, whose data must first be durable. */
    public static final int THEN_READ = 2;
    /** The next range of a Dataset Management follows. */
    public static final int THEN_RANGE = 3;

    private static final int OUT_OF_RANGE = NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
    private static final int WRONG_LENGTH = NvmeStatus.DATA_SGL_LENGTH_INVALID | NvmeStatus.DNR;
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int WRITE_PROTECTED = NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | NvmeStatus.DNR;

    private final CommandSet fabrics;

    /** With what executes the Fabrics commands that an I/O queue may carry. */
    public IoCommands(CommandSet fabrics) {
        this.fabrics = fabrics;
    }

    @Override
    public void execute(Command command) {
        int opcode = Sqe.OPC.get(command.sqe());
        if (opcode == Opcode.FABRICS) {
            fabrics.execute(command);
            return;
        }
        int status = checkCommon(command.sqe(), opcode);
        if (status != NvmeStatus.SUCCESSFUL_COMPLETION) {
            command.finish(status);
            return;
        }
        NamespaceChannel namespace = command.queue.namespace(Sqe.NSID.get(command.sqe()));
        if (namespace == null) {
            command.finish(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR);
            return;
        }
        int path = command.queue.pathStatus(namespace.namespace);
        if (path != NvmeStatus.SUCCESSFUL_COMPLETION) {
            command.finish(path);
            return;
        }
        if (namespace.access != null && command.queue.isShutOut(namespace.access, opcode)) {
            command.finish(NvmeStatus.RESERVATION_CONFLICT | NvmeStatus.DNR);
            return;
        }
        command.aborting = false;
        command.step = LAST;
        switch (opcode) {
            case Opcode.NVM_READ -> read(command, namespace);
            case Opcode.NVM_WRITE -> write(command, namespace);
            case Opcode.NVM_FLUSH -> flush(command, namespace);
            case Opcode.NVM_WRITE_ZEROES -> writeZeroes(command, namespace);
            case Opcode.NVM_DATASET_MANAGEMENT -> manageDataset(command, namespace);
            default -> ReservationCommands.execute(command, namespace);
        }
    }

    private static int checkCommon(long sqe, int opcode) {
        boolean known = opcode == Opcode.NVM_READ || opcode == Opcode.NVM_WRITE || opcode == Opcode.NVM_FLUSH
            || opcode == Opcode.NVM_WRITE_ZEROES || opcode == Opcode.NVM_DATASET_MANAGEMENT
            || ReservationCommands.has(opcode);
        if (!known) {
            return NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
        }
        return AdminCommands.checkFlags(sqe);
    }

    private static void read(Command command, NamespaceChannel namespace) {
        int status = prepareTransfer(command, namespace);
        if (status != NvmeStatus.SUCCESSFUL_COMPLETION) {
            command.finish(status);
            return;
        }
        command.type = IoType.READ;
        boolean flushFirst = namespace.volatileCache && NvmCommand.FUA.get(command.sqe()) != 0;
        if (flushFirst) {
            setFlush(command, namespace, THEN_READ);
        }
        begin(command, namespace);
    }

    private static void write(Command command, NamespaceChannel namespace) {
        int status = namespace.readOnly ? WRITE_PROTECTED : prepareTransfer(command, namespace);
        if (status != NvmeStatus.SUCCESSFUL_COMPLETION) {
            command.finish(status);
            return;
        }
        command.type = IoType.WRITE;
        setForcedAccess(command, namespace);
        begin(command, namespace);
    }

    /** Range, size and memory of a read or write; the ranges are compared so that nothing can wrap around. */
    private static int prepareTransfer(Command command, NamespaceChannel namespace) {
        int status = prepareRange(command, namespace);
        if (status != NvmeStatus.SUCCESSFUL_COMPLETION) {
            return status;
        }
        NvmfRequest request = command.request;
        long bytes = command.blocks << namespace.blockShift;
        if (bytes > command.queue.maxIoBytes()) {
            return INVALID_FIELD;
        } else if (bytes > request.length) {
            return WRONG_LENGTH;
        }
        return command.data.slice(request.data, 0, bytes) ? NvmeStatus.SUCCESSFUL_COMPLETION : INVALID_FIELD;
    }

    private static int prepareRange(Command command, NamespaceChannel namespace) {
        long first = NvmCommand.SLBA.get(command.sqe());
        long count = NvmCommand.NLB.get(command.sqe()) + 1L;
        command.offsetBlocks = first;
        command.blocks = count;
        return isInside(first, count, namespace.blocks) ? NvmeStatus.SUCCESSFUL_COMPLETION : OUT_OF_RANGE;
    }

    private static boolean isInside(long first, long count, long size) {
        return first >= 0 && first <= size && count <= size - first;
    }

    private static void setForcedAccess(Command command, NamespaceChannel namespace) {
        if (namespace.volatileCache && NvmCommand.FUA.get(command.sqe()) != 0) {
            command.step = THEN_FLUSH;
        }
    }

    private static void flush(Command command, NamespaceChannel namespace) {
        if (!namespace.volatileCache) {
            command.succeed(0);
            return;
        }
        setFlush(command, namespace, LAST);
        begin(command, namespace);
    }

    private static void setFlush(Command command, NamespaceChannel namespace, int then) {
        command.type = IoType.FLUSH;
        command.offsetBlocks = 0;
        command.blocks = namespace.blocks;
        command.step = then;
    }

    private static void writeZeroes(Command command, NamespaceChannel namespace) {
        int status = namespace.readOnly ? WRITE_PROTECTED : prepareRange(command, namespace);
        if (status != NvmeStatus.SUCCESSFUL_COMPLETION) {
            command.finish(status);
            return;
        }
        command.type = IoType.WRITE_ZEROES;
        setForcedAccess(command, namespace);
        begin(command, namespace);
    }

    /** Checks every range before the first is given back: all or nothing. */
    private static void manageDataset(Command command, NamespaceChannel namespace) {
        long sqe = command.sqe();
        int ranges = DatasetManagementCommand.NR.get(sqe) + 1;
        int status = checkRanges(command, namespace, ranges);
        boolean hintOnly = DatasetManagementCommand.AD.get(sqe) == 0 || !namespace.unmaps;
        if (status != NvmeStatus.SUCCESSFUL_COMPLETION || hintOnly) {
            command.finish(status);
            return;
        } else if (namespace.readOnly) {
            command.finish(WRITE_PROTECTED);
            return;
        }
        command.type = IoType.UNMAP;
        command.ranges = ranges;
        command.nextRange = 0;
        namespace.enter(command);
        nextRange(command);
    }

    private static int checkRanges(Command command, NamespaceChannel namespace, int ranges) {
        if (command.request.length < ranges * DatasetManagementRange.BYTES) {
            return WRONG_LENGTH;
        }
        for (int i = 0; i < ranges; i++) {
            long range = range(command, i);
            long first = DatasetManagementRange.SLBA.get(range);
            if (!isInside(first, DatasetManagementRange.LLB.get(range), namespace.blocks)) {
                return OUT_OF_RANGE;
            }
        }
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    /** A range, copied to where it is contiguous; it may lie across two pieces of the host's data. */
    private static long range(Command command, int index) {
        long copy = command.queue.scratch();
        command.request.data.copyTo((long) index * DatasetManagementRange.BYTES, copy, DatasetManagementRange.BYTES);
        return copy;
    }

    private static void nextRange(Command command) {
        while (command.nextRange < command.ranges) {
            long range = range(command, command.nextRange++);
            command.offsetBlocks = DatasetManagementRange.SLBA.get(range);
            command.blocks = DatasetManagementRange.LLB.get(range);
            if (command.blocks > 0) {
                command.step = THEN_RANGE;
                command.namespace.submit(command);
                return;
            }
        }
        end(command, NvmeStatus.SUCCESSFUL_COMPLETION);
    }

    private static void begin(Command command, NamespaceChannel namespace) {
        namespace.enter(command);
        namespace.submit(command);
    }

    /** {@inheritDoc} Goes on with the next, or ends the command. */
    @Override
    public void ended(Command command, int status) {
        if (status != Status.OK) {
            end(command, StatusTable.toNvme(status, command.type));
        } else if (command.step == LAST) {
            end(command, NvmeStatus.SUCCESSFUL_COMPLETION);
        } else if (command.aborting) {
            end(command, NvmeStatus.COMMAND_ABORT_REQUESTED);
        } else {
            goOn(command);
        }
    }

    private static void goOn(Command command) {
        switch (command.step) {
            case THEN_FLUSH -> {
                setFlush(command, command.namespace, LAST);
                command.namespace.submit(command);
            }
            case THEN_READ -> {
                command.type = IoType.READ;
                command.step = LAST;
                command.offsetBlocks = NvmCommand.SLBA.get(command.sqe());
                command.blocks = NvmCommand.NLB.get(command.sqe()) + 1L;
                command.namespace.submit(command);
            }
            default -> nextRange(command);
        }
    }

    private static void end(Command command, int status) {
        NamespaceChannel namespace = command.namespace;
        int answerLength = 0;
        if (command.type == IoType.READ && status == NvmeStatus.SUCCESSFUL_COMPLETION) {
            answerLength = (int) (command.blocks << namespace.blockShift);
        }
        namespace.leave(command);
        command.queue.finish(command, status, 0, answerLength);
    }
}
