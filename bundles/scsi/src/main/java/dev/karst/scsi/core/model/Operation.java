package dev.karst.scsi.core.model;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.scsi.core.reservation.Access;
import java.util.HexFormat;

/**
 * A command of the table: how its CDB looks, what a reservation of somebody else says to it, and who executes it.
 */
@ReactorConfined
public final class Operation {
    /** A kind: it reads the medium, so that it is refused by EXCLUSIVE ACCESS reservations of others. */
    public static final int READ = Access.READ;
    /** A kind: it may change something, so that it is refused by every persistent reservation of others. */
    public static final int WRITE = Access.WRITE;
    /** A kind: it is refused by those reservations of others alone that RESERVE makes. */
    public static final int OTHER = Access.OTHER;
    /** A kind: it is never refused. */
    public static final int FREE = 0;

    /** Bytes that are looked at whatever the command's length is. */
    private static final int MOST_CHECKED = 16;
    private static final int SERVICE_ACTION = 0x1f;

    /** Executes one command. */
    @FunctionalInterface
    public interface Executor {
        /** The command ends once, inside this call or later. */
        void execute(Command command);
    }

    /** OPERATION CODE. */
    public final int opcode;
    /** SERVICE ACTION; -1 for a command that has none. */
    public final int action;
    /** Of {@link #READ} and the others. */
    public final int kind;
    /** Whether a unit attention that waits does not stop it. */
    public final boolean passesAttention;

    private final byte[] usage;
    private final long unusedLow;
    private final long unusedHigh;
    private final Executor executor;

    private Operation(byte[] usage, boolean hasAction, int kind, boolean passesAttention, Executor executor) {
        this.usage = usage;
        this.kind = kind;
        this.passesAttention = passesAttention;
        this.executor = executor;
        opcode = usage[0] & 0xff;
        action = hasAction ? usage[1] & SERVICE_ACTION : -1;
        unusedLow = unused(usage, 0, hasAction);
        unusedHigh = unused(usage, Long.BYTES, hasAction);
    }

    /**
     * A command without service actions.
     *
     * @param usage its CDB in hexadecimal: the operation code, then for each byte which bits it uses
     */
    public static Operation of(String usage, int kind, Executor executor) {
        return new Operation(HexFormat.ofDelimiter(" ").parseHex(usage), false, kind, false, executor);
    }

    /** A command that is told by its service action, which stands in bits 4:0 of the second byte of {@code usage}. */
    public static Operation action(String usage, int kind, Executor executor) {
        return new Operation(HexFormat.ofDelimiter(" ").parseHex(usage), true, kind, false, executor);
    }

    /** The same, whatever unit attention waits. */
    public Operation passing() {
        return new Operation(usage, action >= 0, kind, true, executor);
    }

    /** Bits of eight bytes that no field uses; the operation code and the service action have been looked at. */
    private static long unused(byte[] usage, int from, boolean hasAction) {
        long bits = 0;
        for (int i = from; i < from + Long.BYTES && i < usage.length; i++) {
            int used = i == 0 ? 0xff : i == 1 && hasAction ? usage[1] & 0xff | SERVICE_ACTION : usage[i] & 0xff;
            bits |= (~used & 0xffL) << 8 * (i - from);
        }
        return bits;
    }

    /** Bytes of its CDB. */
    public int length() {
        return usage.length;
    }

    /** Its CDB USAGE DATA. SPC-5, 6.35.3. */
    public byte[] usage() {
        return usage.clone();
    }

    /** Executes, or refuses a CDB in which a bit is set that has no meaning. */
    public void execute(Command command) {
        long cdb = command.cdb();
        if ((Mem.getLong(cdb) & unusedLow) != 0 || (Mem.getLong(cdb + Long.BYTES) & unusedHigh) != 0) {
            refuse(command);
        } else {
            executor.execute(command);
        }
    }

    private void refuse(Command command) {
        long low = Mem.getLong(command.cdb()) & unusedLow;
        long high = Mem.getLong(command.cdb() + Long.BYTES) & unusedHigh;
        int first = low != 0 ? Long.numberOfTrailingZeros(low) / 8 : Long.BYTES + Long.numberOfTrailingZeros(high) / 8;
        assert first < MOST_CHECKED : "a bit beyond those that were looked at";
        long wrong = (first < Long.BYTES ? low >>> 8 * first : high >>> 8 * (first - Long.BYTES)) & 0xff;
        command.invalidField(first, Long.SIZE - 1 - Long.numberOfLeadingZeros(wrong));
    }
}
