package dev.karst.scsi.core.command;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.Limits;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.spec.scsi.BlockFlags;
import java.util.List;

/** WRITE SAME. Zeros are written as such, or given back where that is asked for. SBC-4, 5.50 and 5.51. */
@ReactorConfined
final class WriteSame {
    private static final int ANCHOR_BIT = 4;
    private static final int UNMAP_BIT = 3;

    private static final CommandSet.Step THEN_NEXT = WriteSame::thenNext;

    private WriteSame() {}

    static List<Operation> operations() {
        return List.of(
            Operation.of("41 18 ff ff ff ff 3f ff ff 00", Operation.WRITE, WriteSame::execute),
            Operation.of("93 19 ff ff ff ff ff ff ff ff ff ff ff ff 3f 00", Operation.WRITE, WriteSame::execute));
    }

    private static void execute(Command command) {
        long cdb = command.cdb();
        int flags = Ranges.flags(cdb);
        long blocks = Ranges.blocks(cdb);
        boolean unmaps = (flags & BlockFlags.UNMAP) != 0;
        if ((flags & BlockFlags.ANCHOR) != 0) {
            command.invalidField(1, ANCHOR_BIT);
        } else if (unmaps && !command.channel().unmaps) {
            command.invalidField(1, UNMAP_BIT);
        } else if (!Ranges.isWritable(command) || !Ranges.take(command, blocks)) {
            return;
        } else if (blocks == 0 || blocks > Limits.WRITE_SAME_BLOCKS) {
            command.invalidField(Ranges.blocksAt(cdb), -1);
        } else {
            write(command, unmaps, (flags & BlockFlags.NDOB) != 0);
        }
    }

    private static void write(Command command, boolean unmaps, boolean hasNoData) {
        UnitChannel channel = command.channel();
        int blockBytes = 1 << channel.blockShift;
        command.wanted = hasNoData ? 0 : blockBytes;
        if (!hasNoData && command.task.sent != blockBytes) {
            Outcome.wrongLength(command);
        } else if (hasNoData || isZero(command.task.data, blockBytes)) {
            command.type = unmaps && channel.unmapReadsZeroes ? IoType.UNMAP : IoType.WRITE_ZEROES;
            command.step = Transfers.writesThrough(channel) ? Outcome.THEN_FLUSH : null;
            channel.submit(command);
        } else {
            command.next = command.offsetBlocks;
            command.end = command.offsetBlocks + command.blocks;
            Verifies.submitNext(command, IoType.WRITE, THEN_NEXT);
        }
    }

    private static boolean isZero(IoVector data, int bytes) {
        int left = bytes;
        for (int i = 0; left > 0; i++) {
            long at = data.address(i);
            long end = at + Math.min(left, data.length(i));
            left -= data.length(i);
            for (; at + Long.BYTES <= end; at += Long.BYTES) {
                if (Mem.getLong(at) != 0) {
                    return false;
                }
            }
            for (; at < end; at++) {
                if (Mem.getByte(at) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private static void thenNext(Command command, int status) {
        if (Outcome.isOver(command, status)) {
            return;
        } else if (command.next < command.end) {
            Verifies.submitNext(command, IoType.WRITE, THEN_NEXT);
        } else if (Transfers.writesThrough(command.channel())) {
            Outcome.flush(command, null);
        } else {
            command.succeed();
        }
    }
}
