package dev.karst.scsi.core.command;

import dev.karst.base.ReactorConfined;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.spec.scsi.Cdb10;
import dev.karst.spec.scsi.Cdb16;
import dev.karst.spec.scsi.ReadCapacity10Data;
import dev.karst.spec.scsi.ReadCapacity16Data;
import java.util.List;

/** READ CAPACITY. SBC-4, 5.20 and 5.21. */
@ReactorConfined
final class Capacities {
    private static final long NOT_TOLD = 0xffff_ffffL;
    private static final int PMI = 1;

    private Capacities() {}

    static List<Operation> operations() {
        return List.of(
            Operation.of("25 00 ff ff ff ff 00 00 01 00", Operation.FREE, Capacities::short10),
            Operation.action("9e 10 ff ff ff ff ff ff ff ff ff ff ff ff 01 00", Operation.FREE, Capacities::long16));
    }

    /** A last block, of which an address says nothing, is asked for without an address. */
    private static boolean hasStrayAddress(Command command, long address, int pmi) {
        if (address != 0 && (pmi & PMI) == 0) {
            command.invalidField(Cdb10.LOGICAL_BLOCK_ADDRESS.offset(), -1);
            return true;
        }
        return false;
    }

    private static void short10(Command command) {
        long cdb = command.cdb();
        if (hasStrayAddress(command, Cdb10.LOGICAL_BLOCK_ADDRESS.get(cdb), Cdb10.TRANSFER_LENGTH.get(cdb))) {
            return;
        }
        UnitChannel channel = command.channel();
        long page = command.clearPage(ReadCapacity10Data.BYTES);
        ReadCapacity10Data.RETURNED_LOGICAL_BLOCK_ADDRESS.set(page, Math.min(channel.blocks - 1, NOT_TOLD));
        ReadCapacity10Data.LOGICAL_BLOCK_LENGTH_IN_BYTES.set(page, 1L << channel.blockShift);
        command.answer(page, ReadCapacity10Data.BYTES, ReadCapacity10Data.BYTES);
    }

    private static void long16(Command command) {
        long cdb = command.cdb();
        if (hasStrayAddress(command, Cdb16.LOGICAL_BLOCK_ADDRESS.get(cdb), Cdb16.GROUP_NUMBER.get(cdb))) {
            return;
        }
        UnitChannel channel = command.channel();
        long page = command.clearPage(ReadCapacity16Data.BYTES);
        ReadCapacity16Data.RETURNED_LOGICAL_BLOCK_ADDRESS.set(page, channel.blocks - 1);
        ReadCapacity16Data.LOGICAL_BLOCK_LENGTH_IN_BYTES.set(page, 1L << channel.blockShift);
        int physical = channel.unit.bdev().physicalBlockSize() >> channel.blockShift;
        ReadCapacity16Data.LOGICAL_BLOCKS_PER_PHYSICAL_BLOCK_EXPONENT.set(
            page, physical <= 1 ? 0 : Integer.SIZE - 1 - Integer.numberOfLeadingZeros(physical));
        int provisioning = (channel.unmaps ? ReadCapacity16Data.LBPME : 0)
            | (channel.unmapReadsZeroes ? ReadCapacity16Data.LBPRZ : 0);
        ReadCapacity16Data.LOWEST_ALIGNED_LOGICAL_BLOCK_ADDRESS.set(page, provisioning);
        command.answer(page, ReadCapacity16Data.BYTES, Cdb16.TRANSFER_LENGTH.get(cdb));
    }
}
