package dev.karst.scsi.core.mode;

import dev.karst.base.Mem;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.LogicalUnit;
import dev.karst.scsi.core.model.ModeState;
import dev.karst.scsi.core.model.Nexus;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.Round;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.SenseKey;
import java.nio.ByteBuffer;
import java.util.List;

/** MODE SELECT: all of a list is checked before anything of it is set; others are told what was. SPC-5, 6.12 and 6.13. */
public final class ModeSelect {
    private static final int OPCODE_6 = 0x15;
    private static final int PF = 0x10;
    private static final int PF_BIT = 4;
    private static final int MOST_BYTES = 4096;
    private static final int CODE_MASK = 0x3f;
    private static final int SPF = 0x40;
    private static final int SPF_BIT = 6;

    /** Where a list is wrong. */
    private static final class Wrong {
        /** The byte; -1 for a list that ends too soon. */
        private final int at;
        private final int bit;

        Wrong(int at, int bit) {
            this.at = at;
            this.bit = bit;
        }
    }

    private static final Wrong TOO_SHORT = new Wrong(-1, -1);

    private final UnitChannel channel;
    private final ByteBuffer list;
    private final boolean isShort;
    private ModeState state;

    private ModeSelect(UnitChannel channel, ByteBuffer list, boolean isShort) {
        this.channel = channel;
        this.list = list;
        this.isShort = isShort;
        state = channel.unit.mode();
    }

    /** What the table has of them. */
    public static List<Operation> operations() {
        return List.of(
            Operation.of("15 10 00 00 ff 00", Operation.WRITE, ModeSelect::execute),
            Operation.of("55 10 00 00 00 00 00 ff ff 00", Operation.WRITE, ModeSelect::execute));
    }

    private static void execute(Command command) {
        long cdb = command.cdb();
        boolean isShort = Mem.getU8(cdb) == OPCODE_6;
        int length = ModeSense.length(cdb, isShort);
        command.wanted = length;
        int there = Math.min(length, command.task.sent);
        if (length == 0) {
            command.succeed();
        } else if ((Mem.getU8(cdb + 1) & PF) == 0) {
            command.invalidField(1, PF_BIT);
        } else if (there > MOST_BYTES) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.PARAMETER_LIST_LENGTH_ERROR);
        } else {
            byte[] bytes = command.sentBytes(there);
            boolean isOver;
            do {
                isOver = select(command, new ModeSelect(command.channel(), ByteBuffer.wrap(bytes), isShort));
            } while (!isOver);
        }
    }

    /** False when somebody else set something meanwhile. */
    private static boolean select(Command command, ModeSelect select) {
        ModeState before = select.state;
        Wrong wrong = select.header();
        while (wrong == null && select.list.hasRemaining()) {
            wrong = select.page();
        }
        if (wrong == TOO_SHORT) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.PARAMETER_LIST_LENGTH_ERROR);
        } else if (wrong != null) {
            command.invalidParameter(wrong.at, wrong.bit);
        } else if (select.state.equals(before)) {
            command.succeed();
        } else if (!command.channel().unit.changeMode(before, select.state)) {
            return false;
        } else {
            tell(command);
        }
        return true;
    }

    /** Reads header and block descriptor, which may say only what is so already. */
    private Wrong header() {
        int header = isShort ? ModeSense.HEADER_6 : ModeSense.HEADER_10;
        if (list.remaining() < header) {
            return TOO_SHORT;
        }
        boolean isLong = !isShort && (list.get(4) & ModeSense.LONG_LBA) != 0;
        int bytes = isShort ? list.get(3) & 0xff : list.getShort(6) & 0xffff;
        int expected = isLong ? ModeSense.LONG_DESCRIPTOR : ModeSense.SHORT_DESCRIPTOR;
        if (bytes != 0 && bytes != expected) {
            return new Wrong(isShort ? 3 : 6, -1);
        } else if (list.remaining() < header + bytes) {
            return TOO_SHORT;
        }
        list.position(header + bytes);
        return bytes == 0 || describesUnit(header, isLong) ? null : new Wrong(header, -1);
    }

    private boolean describesUnit(int at, boolean isLong) {
        long blocks = isLong ? list.getLong(at) : list.getInt(at) & 0xffff_ffffL;
        int blockBytes = isLong ? list.getInt(at + 12) : list.getInt(at + 4) & 0xffffff;
        boolean isSize = blocks == 0 || blocks == channel.blocks || blocks == (isLong ? -1 : 0xffff_ffffL);
        return isSize && (blockBytes == 0 || blockBytes == 1 << channel.blockShift);
    }

    /** Reads a page, which may differ from what holds only where that can be set. */
    private Wrong page() {
        int at = list.position();
        if (list.remaining() < ModePage.HEAD_BYTES) {
            return TOO_SHORT;
        } else if ((list.get(at) & SPF) != 0) {
            return new Wrong(at, SPF_BIT);
        }
        ModePage page = ModePage.find(list.get(at) & CODE_MASK);
        if (page == null) {
            return new Wrong(at, SPF_BIT - 1);
        } else if ((list.get(at + 1) & 0xff) != page.bytes - ModePage.HEAD_BYTES) {
            return new Wrong(at + 1, Byte.SIZE - 1);
        } else if (list.remaining() < page.bytes) {
            return TOO_SHORT;
        }
        var bytes = new byte[page.bytes];
        list.get(bytes);
        byte[] now = page.of(state);
        byte[] mask = page.mask(channel.volatileCache);
        for (int i = ModePage.HEAD_BYTES; i < bytes.length; i++) {
            int wrong = (bytes[i] ^ now[i]) & ~mask[i] & 0xff;
            if (wrong != 0) {
                return new Wrong(at + i, Integer.SIZE - 1 - Integer.numberOfLeadingZeros(wrong));
            }
        }
        state = page.apply(bytes, state);
        return null;
    }

    /** Others are told before the command ends. */
    private static void tell(Command command) {
        LogicalUnit unit = command.channel().unit;
        Nexus by = command.nexus;
        Round.all(unit.groups, (group, done) -> {
            group.each(unit, one -> {
                if (one.nexus != by) {
                    one.raise(Asc.MODE_PARAMETERS_CHANGED);
                }
            });
            done.run();
        }, () -> by.group.reactor.execute(command::succeed));
    }
}
