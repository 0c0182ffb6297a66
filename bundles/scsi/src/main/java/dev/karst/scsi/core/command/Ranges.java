package dev.karst.scsi.core.command;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.scsi.core.model.Command;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.Cdb10;
import dev.karst.spec.scsi.Cdb12;
import dev.karst.spec.scsi.Cdb16;
import dev.karst.spec.scsi.Cdb6;
import dev.karst.spec.scsi.SenseKey;

/** The range of blocks in a CDB, whose place depends on its length; and what every range is held to. */
@ReactorConfined
final class Ranges {
    private static final int LONGEST_6 = 256;
    private static final int GROUP_SHIFT = 5;
    private static final int GROUP_6 = 0;
    private static final int GROUP_10 = 1;
    private static final int GROUP_10_MORE = 2;
    private static final int GROUP_12 = 5;

    private Ranges() {}

    private static int group(long cdb) {
        return Mem.getU8(cdb) >> GROUP_SHIFT;
    }

    /** LOGICAL BLOCK ADDRESS; negative where it is beyond all devices. */
    static long address(long cdb) {
        return switch (group(cdb)) {
            case GROUP_6 ->
                (long) Cdb6.LOGICAL_BLOCK_ADDRESS_HIGH.get(cdb) << Short.SIZE | Cdb6.LOGICAL_BLOCK_ADDRESS_LOW.get(cdb);
            case GROUP_10, GROUP_10_MORE -> Cdb10.LOGICAL_BLOCK_ADDRESS.get(cdb);
            case GROUP_12 -> Cdb12.LOGICAL_BLOCK_ADDRESS.get(cdb);
            default -> Cdb16.LOGICAL_BLOCK_ADDRESS.get(cdb);
        };
    }

    /** TRANSFER LENGTH, or what stands in its place. */
    static long blocks(long cdb) {
        return switch (group(cdb)) {
            case GROUP_6 -> Cdb6.TRANSFER_LENGTH.get(cdb) == 0 ? LONGEST_6 : Cdb6.TRANSFER_LENGTH.get(cdb);
            case GROUP_10, GROUP_10_MORE -> Cdb10.TRANSFER_LENGTH.get(cdb);
            case GROUP_12 -> Cdb12.TRANSFER_LENGTH.get(cdb);
            default -> Cdb16.TRANSFER_LENGTH.get(cdb);
        };
    }

    /** The first byte of that field, for whoever complains of it. */
    static int blocksAt(long cdb) {
        return switch (group(cdb)) {
            case GROUP_6 -> Cdb6.TRANSFER_LENGTH.offset();
            case GROUP_10, GROUP_10_MORE -> Cdb10.TRANSFER_LENGTH.offset();
            case GROUP_12 -> Cdb12.TRANSFER_LENGTH.offset();
            default -> Cdb16.TRANSFER_LENGTH.offset();
        };
    }

    /** What byte 1 says; none in a CDB of 6 bytes. */
    static int flags(long cdb) {
        return group(cdb) == GROUP_6 ? 0 : Mem.getU8(cdb + 1);
    }

    /** Takes the range of a command for its block I/O; false when it does not lie within the unit, and the command has ended. */
    static boolean take(Command command, long blocks) {
        long first = address(command.cdb());
        if (!command.channel().contains(first, blocks)) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
            return false;
        }
        command.offsetBlocks = first;
        command.blocks = blocks;
        return true;
    }

    /** Takes the range in its own length, whose data must not be more than a command may move. */
    static boolean takeTransfer(Command command) {
        long cdb = command.cdb();
        long blocks = blocks(cdb);
        if (!take(command, blocks)) {
            return false;
        }
        command.wanted = blocks << command.channel().blockShift;
        if (command.wanted > command.nexus.maxTransferBytes) {
            command.wanted = 0;
            command.invalidField(blocksAt(cdb), -1);
            return false;
        }
        return true;
    }

    /** Whether it may be written to; else the command has ended. */
    static boolean isWritable(Command command) {
        if (command.channel().readOnly) {
            command.fail(SenseKey.DATA_PROTECT, Asc.WRITE_PROTECTED);
            return false;
        } else if (command.channel().unit.mode().writeProtected()) {
            command.fail(SenseKey.DATA_PROTECT, Asc.LOGICAL_UNIT_SOFTWARE_WRITE_PROTECTED);
            return false;
        }
        return true;
    }
}
