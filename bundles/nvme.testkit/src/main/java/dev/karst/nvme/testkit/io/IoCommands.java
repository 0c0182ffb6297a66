package dev.karst.nvme.testkit.io;

import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.nvm.CopyCommand;
import dev.karst.spec.nvme.nvm.CopyRange;
import dev.karst.spec.nvme.nvm.DatasetManagementRange;
import java.nio.ByteBuffer;

/** Does I/O commands. */
public final class IoCommands {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int DEALLOCATE = 4;
    private static final int MOST_RANGE_BLOCKS = 128;
    private static final int MOST_COPY_BLOCKS = 1024;
    private static final int MOST_RANGES = 16;

    private final ControllerState state;
    private final ReadWrite readWrite;
    private final ZoneCommands zones;
    private final ReservationCommands reservations;

    public IoCommands(ControllerState state) {
        this.state = state;
        readWrite = new ReadWrite(state);
        zones = new ZoneCommands(state, readWrite);
        reservations = new ReservationCommands(state);
    }

    /** Does a command; its status. That of the first of a fused pair goes into the first. */
    public int execute(SimCommand command) {
        if (command.first == null) {
            return executeOne(command);
        }
        boolean fits = command.first.opcode() == Opcode.NVM_COMPARE && command.opcode() == Opcode.NVM_WRITE
            && NvmCommand.SLBA.get(command.sqe) == NvmCommand.SLBA.get(command.first.sqe)
            && NvmCommand.NLB.get(command.sqe) == NvmCommand.NLB.get(command.first.sqe) && command.nsid() == command.first.nsid();
        if (!fits) {
            command.first.status = INVALID_FIELD;
            return INVALID_FIELD;
        }
        command.first.status = executeOne(command.first);
        return command.first.status == 0 ? executeOne(command) : NvmeStatus.ABORTED_FAILED_FUSED;
    }

    private int executeOne(SimCommand command) {
        if (state.subsystem.sanitizeLeft > 0) {
            return NvmeStatus.SANITIZE_IN_PROGRESS;
        }
        int opcode = command.opcode();
        if (opcode == Opcode.NVM_FLUSH && command.nsid() == (int) Sqe.NSID_ALL) {
            return 0;
        }
        SimNamespace namespace = state.namespace(command.nsid());
        if (namespace == null) {
            return NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;
        }
        int status = state.access(namespace);
        if (status == 0) {
            status = reservations.check(namespace, opcode);
        }
        boolean writes = ReservationCommands.writes(opcode);
        if (status == 0 && writes && namespace.writeProtected) {
            status = NvmeStatus.NAMESPACE_IS_WRITE_PROTECTED | NvmeStatus.DNR;
        }
        if (status == 0 && state.random.oneIn(state.faults.errorOneIn)) {
            status = NvmeStatus.COMMAND_INTERRUPTED;
        }
        return status == 0 ? dispatch(command, namespace) : status;
    }

    private int dispatch(SimCommand command, SimNamespace namespace) {
        return switch (command.opcode()) {
            case Opcode.NVM_FLUSH -> 0;
            case Opcode.NVM_READ, Opcode.NVM_WRITE, Opcode.NVM_COMPARE, Opcode.NVM_VERIFY, Opcode.NVM_WRITE_ZEROES,
                Opcode.NVM_WRITE_UNCORRECTABLE -> readWrite.execute(command, namespace);
            case Opcode.NVM_DATASET_MANAGEMENT -> datasetManagement(command, namespace);
            case Opcode.NVM_COPY -> copy(command, namespace);
            case Opcode.NVM_RESERVATION_REGISTER, Opcode.NVM_RESERVATION_ACQUIRE, Opcode.NVM_RESERVATION_RELEASE,
                Opcode.NVM_RESERVATION_REPORT -> reservations.execute(command, namespace);
            case Opcode.ZONE_APPEND, Opcode.ZONE_MANAGEMENT_SEND, Opcode.ZONE_MANAGEMENT_RECEIVE -> zones.execute(command,
                namespace);
            default -> NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
        };
    }

    private int datasetManagement(SimCommand command, SimNamespace namespace) {
        int ranges = (command.cdw10() & 0xff) + 1;
        byte[] data = new byte[ranges * DatasetManagementRange.BYTES];
        int status = state.data.fromHost(command, data);
        if (status != 0) {
            return status;
        }
        ByteBuffer list = Page.buffer(data);
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < ranges; i++) {
                long count = list.getInt(i * DatasetManagementRange.BYTES + DatasetManagementRange.LLB.offset()) & 0xffff_ffffL;
                long slba = list.getLong(i * DatasetManagementRange.BYTES + DatasetManagementRange.SLBA.offset());
                if (!namespace.holds(slba, count)) {
                    return NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
                }
                if (pass == 1 && (command.cdw11() & DEALLOCATE) != 0) {
                    namespace.deallocate(slba, count);
                }
            }
        }
        return 0;
    }

    private int copy(SimCommand command, SimNamespace namespace) {
        int ranges = CopyCommand.NR.get(command.sqe) + 1;
        if (CopyCommand.DESFMT.get(command.sqe) != CopyRange.FORMAT) {
            return INVALID_FIELD;
        }
        byte[] data = new byte[ranges * CopyRange.BYTES];
        int status = state.data.fromHost(command, data);
        if (status != 0) {
            return status;
        }
        long target = CopyCommand.SDLBA.get(command.sqe);
        ByteBuffer list = Page.buffer(data);
        status = checkCopy(list, ranges, target, namespace);
        if (status != 0) {
            return status;
        }
        for (int i = 0; i < ranges; i++) {
            long slba = list.getLong(i * CopyRange.BYTES + CopyRange.SLBA.offset());
            int count = (list.getShort(i * CopyRange.BYTES + CopyRange.NLB.offset()) & 0xffff) + 1;
            var blocks = new Blocks(target, count, namespace.data(slba, count), namespace.metadata(slba, count));
            if (namespace.settings().protection() != 0 && (CopyCommand.PRINFOW.get(command.sqe) & NvmCommand.PRACT) != 0) {
                int tag = CopyCommand.ILBRT.getInt(command.sqe) + (int) (target - CopyCommand.SDLBA.get(command.sqe));
                new Protection(NvmCommand.PRACT, tag, CopyCommand.LBAT.get(command.sqe), 0).make(blocks, namespace.settings());
            }
            namespace.write(target, blocks.data(), blocks.metadata());
            target += count;
        }
        command.result = 0;
        return 0;
    }

    private static int checkCopy(ByteBuffer list, int ranges, long target, SimNamespace namespace) {
        long total = 0;
        boolean tooMuch = ranges > MOST_RANGES;
        for (int i = 0; i < ranges; i++) {
            int count = (list.getShort(i * CopyRange.BYTES + CopyRange.NLB.offset()) & 0xffff) + 1;
            tooMuch |= count > MOST_RANGE_BLOCKS;
            total += count;
        }
        if (tooMuch || total > MOST_COPY_BLOCKS) {
            return NvmeStatus.NVM_COMMAND_SIZE_LIMIT_EXCEEDED | NvmeStatus.DNR;
        }
        if (!namespace.holds(target, total)) {
            return NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
        }
        for (int i = 0; i < ranges; i++) {
            long slba = list.getLong(i * CopyRange.BYTES + CopyRange.SLBA.offset());
            int count = (list.getShort(i * CopyRange.BYTES + CopyRange.NLB.offset()) & 0xffff) + 1;
            if (!namespace.holds(slba, count)) {
                return NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
            }
            if (slba < target + total && target < slba + count) {
                return NvmeStatus.NVM_OVERLAPPING_IO_RANGE | NvmeStatus.DNR;
            }
            if (namespace.isUncorrectable(slba, count)) {
                return NvmeStatus.UNRECOVERED_READ_ERROR;
            }
        }
        return namespace.zones() == null ? 0 : namespace.zones().write(target, total);
    }
}
