package dev.karst.scsi.core.command;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.spec.scsi.Cdb16;
import dev.karst.spec.scsi.LbaStatus;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * GET LBA STATUS: extents that are mapped or deallocated, one after the other from the block that is named. Of a block device that
 * does not know, all is mapped. Not on the I/O path. SBC-4, 5.6.
 */
@ReactorConfined
final class GetLbaStatus {
    private static final long MOST_BLOCKS = 0xffff_ffffL;
    private static final int HEADER_BYTES = 8;
    private static final int MOST_EXTENTS = 256;
    private static final CommandSet.Step THEN_ADD = GetLbaStatus::add;

    /** What has been found; an extent begins where the last ended. */
    private final ByteBuffer found;
    private final long allocation;
    private long next;
    private boolean isMapped;

    private GetLbaStatus(long first, long allocation) {
        int extents = Math.clamp((allocation - HEADER_BYTES) / LbaStatus.BYTES, 1, MOST_EXTENTS);
        found = ByteBuffer.allocate(HEADER_BYTES + extents * LbaStatus.BYTES).position(HEADER_BYTES);
        this.allocation = allocation;
        next = first;
    }

    static List<Operation> operations() {
        return List.of(
            Operation.action("9e 12 ff ff ff ff ff ff ff ff ff ff ff ff 00 00", Operation.READ, GetLbaStatus::execute));
    }

    private static void execute(Command command) {
        long cdb = command.cdb();
        if (!Ranges.take(command, 1)) {
            return;
        }
        var states = new GetLbaStatus(Cdb16.LOGICAL_BLOCK_ADDRESS.get(cdb), Cdb16.TRANSFER_LENGTH.get(cdb));
        command.job = states;
        if (command.channel().tellsHoles) {
            states.seek(command);
        } else {
            states.isMapped = true;
            states.put(command.channel().blocks);
            states.answer(command);
        }
    }

    /** Finds where the extent ends that begins at the next block. */
    private void seek(Command command) {
        UnitChannel channel = command.channel();
        command.type = isMapped ? IoType.SEEK_HOLE : IoType.SEEK_DATA;
        command.offsetBlocks = next;
        command.blocks = channel.blocks - next;
        command.step = THEN_ADD;
        channel.submit(command);
    }

    private static void add(Command command, int status) {
        if (Outcome.isOver(command, status)) {
            return;
        }
        var states = (GetLbaStatus) command.job;
        // What is no hole any more when that is asked was one a moment ago: it goes on all the same.
        states.put(states.isMapped ? Math.max(command.result, states.next + 1) : command.result);
        states.isMapped = !states.isMapped;
        if (states.found.hasRemaining() && states.next < command.channel().blocks) {
            states.seek(command);
        } else {
            states.answer(command);
        }
    }

    /** Notes an extent, if there is one, in as many descriptors as it needs and there is room for. */
    private void put(long end) {
        while (next < end && found.hasRemaining()) {
            long blocks = Math.min(end - next, MOST_BLOCKS);
            found.putLong(next).putInt((int) blocks)
                .putInt((isMapped ? LbaStatus.MAPPED : LbaStatus.DEALLOCATED) << Integer.SIZE - Byte.SIZE);
            next += blocks;
        }
    }

    private void answer(Command command) {
        found.putInt(0, found.position() - Integer.BYTES);
        command.answer(found.array(), found.position(), allocation);
    }
}
