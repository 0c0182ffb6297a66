package dev.karst.scsi.core.mode;

import dev.karst.base.Mem;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.ModeState;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.SenseKey;
import java.nio.ByteBuffer;
import java.util.List;

/** MODE SENSE. SPC-5, 6.14 and 6.15. */
public final class ModeSense {
    /** Header bytes of the short commands. */
    static final int HEADER_6 = 4;
    /** Header bytes of the long commands. */
    static final int HEADER_10 = 8;
    /** Bytes of a block descriptor. */
    static final int SHORT_DESCRIPTOR = 8;
    /** Bytes of a block descriptor that LLBAA asks for. */
    static final int LONG_DESCRIPTOR = 16;
    /** LONGLBA. */
    static final int LONG_LBA = 1;

    private static final int OPCODE_6 = 0x1a;
    private static final int LLBAA = 0x10;
    private static final int DBD = 0x08;
    private static final int PAGE_AT = 2;
    private static final int SUBPAGE_AT = 3;
    private static final int CODE_MASK = 0x3f;
    private static final int CONTROL_SHIFT = 6;
    private static final int ALL_SUBPAGES = 0xff;
    private static final int CHANGEABLE = 1;
    private static final int DEFAULT = 2;
    private static final int SAVED = 3;
    private static final int WRITE_PROTECTED = 0x80;
    private static final int DPOFUA = 0x10;

    private ModeSense() {}

    /** What the table has of them. */
    public static List<Operation> operations() {
        return List.of(
            Operation.of("1a 08 ff ff ff 00", Operation.WRITE, ModeSense::execute),
            Operation.of("5a 18 ff ff 00 00 00 ff ff 00", Operation.WRITE, ModeSense::execute));
    }

    private static void execute(Command command) {
        long cdb = command.cdb();
        boolean isShort = Mem.getU8(cdb) == OPCODE_6;
        int code = Mem.getU8(cdb + PAGE_AT) & CODE_MASK;
        int control = Mem.getU8(cdb + PAGE_AT) >> CONTROL_SHIFT;
        int subpage = Mem.getU8(cdb + SUBPAGE_AT);
        if (control == SAVED) {
            command.fail(SenseKey.ILLEGAL_REQUEST, Asc.SAVING_PARAMETERS_NOT_SUPPORTED);
        } else if (code != ModePage.ALL && ModePage.find(code) == null) {
            command.invalidField(PAGE_AT, CONTROL_SHIFT - 1);
        } else if (subpage != 0 && subpage != ALL_SUBPAGES) {
            command.invalidField(SUBPAGE_AT, Byte.SIZE - 1);
        } else {
            answer(command, isShort, code, control);
        }
    }

    private static void answer(Command command, boolean isShort, int code, int control) {
        UnitChannel channel = command.channel();
        int flags = Mem.getU8(command.cdb() + 1);
        boolean isLong = !isShort && (flags & LLBAA) != 0;
        int header = isShort ? HEADER_6 : HEADER_10;
        int descriptor = (flags & DBD) != 0 ? 0 : isLong ? LONG_DESCRIPTOR : SHORT_DESCRIPTOR;
        ByteBuffer data = ByteBuffer.allocate(256).position(header);
        if (descriptor != 0) {
            describe(data, isLong, channel.blocks, 1 << channel.blockShift);
        }
        for (ModePage page : ModePage.values()) {
            if (code == ModePage.ALL || code == page.code) {
                data.put(contents(page, channel, control));
            }
        }
        int bytes = data.position();
        boolean isProtected = channel.readOnly || channel.unit.mode().writeProtected();
        byte specific = (byte) (DPOFUA | (isProtected ? WRITE_PROTECTED : 0));
        if (isShort) {
            data.put(0, (byte) (bytes - 1)).put(2, specific).put(3, (byte) descriptor);
        } else {
            data.putShort(0, (short) (bytes - 2)).put(3, specific).put(4, (byte) (isLong ? LONG_LBA : 0))
                .putShort(6, (short) descriptor);
        }
        command.answer(data.array(), bytes, length(command.cdb(), isShort));
    }

    /** ALLOCATION LENGTH, or PARAMETER LIST LENGTH of MODE SELECT. */
    static int length(long cdb, boolean isShort) {
        return isShort ? Mem.getU8(cdb + 4) : Mem.getU8(cdb + 7) << Byte.SIZE | Mem.getU8(cdb + 8);
    }

    private static void describe(ByteBuffer data, boolean isLong, long blocks, int blockBytes) {
        if (isLong) {
            data.putLong(blocks).putInt(0).putInt(blockBytes);
        } else {
            data.putInt((int) Math.min(blocks, 0xffff_ffffL)).putInt(blockBytes);
        }
    }

    private static byte[] contents(ModePage page, UnitChannel channel, int control) {
        ModeState state = control == DEFAULT ? channel.unit.initialMode() : channel.unit.mode();
        return control == CHANGEABLE ? page.mask(channel.volatileCache) : page.of(state);
    }
}
