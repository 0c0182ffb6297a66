package dev.karst.scsi.core.command;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.Limits;
import dev.karst.scsi.core.model.Operation;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.Cdb10;
import dev.karst.spec.scsi.SenseKey;
import dev.karst.spec.scsi.UnmapDescriptor;
import dev.karst.spec.scsi.UnmapHeader;
import java.util.List;

/** UNMAP: all ranges are checked before the first is given back. SBC-4, 5.35. */
@ReactorConfined
final class Unmap {
    private static final CommandSet.Step THEN_NEXT = Unmap::thenNext;

    private Unmap() {}

    static List<Operation> operations() {
        return List.of(Operation.of("42 00 00 00 00 00 3f ff ff 00", Operation.WRITE, Unmap::execute));
    }

    private static void execute(Command command) {
        if (!command.channel().unmaps && !command.channel().readOnly) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.INVALID_COMMAND_OPERATION_CODE);
            return;
        }
        command.wanted = Cdb10.TRANSFER_LENGTH.get(command.cdb());
        int length = (int) Math.min(command.wanted, command.task.sent);
        if (!Ranges.isWritable(command)) {
            return;
        } else if (command.wanted == 0) {
            command.succeed();
        } else if (length < UnmapHeader.BYTES) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.PARAMETER_LIST_LENGTH_ERROR);
        } else {
            begin(command, length);
        }
    }

    private static void begin(Command command, int length) {
        long header = command.sent(0, UnmapHeader.BYTES);
        int bytes = Math.min(length - UnmapHeader.BYTES, UnmapHeader.UNMAP_BLOCK_DESCRIPTOR_DATA_LENGTH.get(header));
        command.next = 0;
        command.end = bytes / UnmapDescriptor.BYTES;
        if (command.end > Limits.UNMAP_DESCRIPTORS) {
            command.invalidParameter(UnmapHeader.UNMAP_BLOCK_DESCRIPTOR_DATA_LENGTH.offset(), -1);
        } else if (areSound(command)) {
            next(command);
        }
    }

    private static long descriptor(Command command, long index) {
        return command.sent(place(index), UnmapDescriptor.BYTES);
    }

    private static int place(long index) {
        return UnmapHeader.BYTES + (int) index * UnmapDescriptor.BYTES;
    }

    private static boolean areSound(Command command) {
        long total = 0;
        for (long i = 0; i < command.end; i++) {
            long descriptor = descriptor(command, i);
            long blocks = UnmapDescriptor.NUMBER_OF_LOGICAL_BLOCKS.get(descriptor);
            total += blocks;
            if (!command.channel().contains(UnmapDescriptor.UNMAP_LOGICAL_BLOCK_ADDRESS.get(descriptor), blocks)) {
                command.fail(SenseKey.ILLEGAL_REQUEST, Asc.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
                return false;
            } else if (total > Limits.UNMAP_BLOCKS) {
                command.invalidParameter(place(i) + UnmapDescriptor.NUMBER_OF_LOGICAL_BLOCKS.offset(), -1);
                return false;
            }
        }
        return true;
    }

    /** Ranges are held to the unit once more: the list may lie in memory of the initiator's, who may have written there since. */
    private static void next(Command command) {
        while (command.next < command.end) {
            long descriptor = descriptor(command, command.next++);
            command.offsetBlocks = UnmapDescriptor.UNMAP_LOGICAL_BLOCK_ADDRESS.get(descriptor);
            command.blocks = UnmapDescriptor.NUMBER_OF_LOGICAL_BLOCKS.get(descriptor);
            if (!command.channel().contains(command.offsetBlocks, command.blocks)) {
                command.fail(SenseKey.ILLEGAL_REQUEST, Asc.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
                return;
            } else if (command.blocks > 0) {
                command.type = IoType.UNMAP;
                command.step = THEN_NEXT;
                command.channel().submit(command);
                return;
            }
        }
        command.succeed();
    }

    private static void thenNext(Command command, int status) {
        if (!Outcome.isOver(command, status)) {
            next(command);
        }
    }
}
