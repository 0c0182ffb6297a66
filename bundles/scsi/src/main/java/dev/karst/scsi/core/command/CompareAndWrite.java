package dev.karst.scsi.core.command;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.CommandSet;
import dev.karst.scsi.core.model.Limits;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.Cdb16;
import dev.karst.spec.scsi.SenseKey;
import java.util.List;

/**
 * COMPARE AND WRITE: one block I/O, one step to all others. If the contents differ they are read, over what was not written, to
 * say where. SBC-4, 5.3.
 */
@ReactorConfined
final class CompareAndWrite {
    private static final CommandSet.Step THEN_ENDED = CompareAndWrite::ended;
    private static final CommandSet.Step THEN_TELL = CompareAndWrite::tell;

    private CompareAndWrite() {}

    static List<Operation> operations() {
        return List.of(
            Operation.of("89 18 ff ff ff ff ff ff ff ff 00 00 00 ff 3f 00", Operation.WRITE, CompareAndWrite::execute));
    }

    private static void execute(Command command) {
        long blocks = Mem.getU8(command.cdb() + Cdb16.NUMBER_OF_LOGICAL_BLOCKS_AT);
        UnitChannel channel = command.channel();
        if (!Ranges.isWritable(command) || !Ranges.take(command, blocks)) {
            return;
        } else if (blocks > Limits.compareAndWriteBlocks(channel.blockShift)) {
            command.invalidField(Cdb16.NUMBER_OF_LOGICAL_BLOCKS_AT, -1);
            return;
        }
        long half = blocks << channel.blockShift;
        command.wanted = 2 * half;
        if (command.task.sent != command.wanted) {
            Outcome.wrongLength(command);
        } else if (blocks == 0) {
            command.succeed();
        } else {
            command.other.slice(command.task.data, 0, half);
            command.data.slice(command.task.data, half, half);
            command.compare = command.other;
            command.type = IoType.COMPARE_AND_WRITE;
            command.step = THEN_ENDED;
            channel.submit(command);
        }
    }

    private static void ended(Command command, int status) {
        if (status == Status.MISCOMPARE && !command.isAborted()) {
            command.compare = null;
            command.type = IoType.READ;
            command.step = THEN_TELL;
            command.channel().submit(command);
        } else if (!Outcome.isOver(command, status)) {
            Transfers.succeedWritten(command);
        }
    }

    /** INFORMATION is where the first byte is that differs. What cannot be read, or is alike by now, differed all the same. */
    private static void tell(Command command, int status) {
        command.beginSense(SenseKey.MISCOMPARE, Asc.MISCOMPARE_DURING_VERIFY_OPERATION);
        if (status == Status.OK) {
            command.information(difference(command.other, command.data));
        }
        command.check();
    }

    /** The place of the first byte in which two lists of the same length differ; 0 if none does. */
    private static long difference(IoVector one, IoVector other) {
        long at = 0;
        int i = 0;
        int inOne = 0;
        int j = 0;
        int inOther = 0;
        while (i < one.count() && j < other.count()) {
            if (Mem.getByte(one.address(i) + inOne) != Mem.getByte(other.address(j) + inOther)) {
                return at;
            }
            at++;
            if (++inOne == one.length(i)) {
                i++;
                inOne = 0;
            }
            if (++inOther == other.length(j)) {
                j++;
                inOther = 0;
            }
        }
        return 0;
    }
}
