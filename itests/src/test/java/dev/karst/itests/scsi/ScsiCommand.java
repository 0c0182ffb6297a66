package dev.karst.itests.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A command as an initiator sends it.
 *
 * @param initiator 0 or 1: which of two sends it
 * @param lun number of the logical unit
 * @param cdb 16 bytes
 * @param sent parameters or blocks
 * @param expected bytes that are to come; 0 where something is sent
 */
record ScsiCommand(int initiator, int lun, byte[] cdb, byte[] sent, int expected) {
    private static final int SHOWN = 48;
    private static final int INQUIRY = 0x12;
    private static final int UNMAP = 0x42;
    private static final int WRITE_6 = 0x0a;
    private static final List<Integer> SAME = List.of(0x41, 0x93);
    private static final List<Integer> WRITES = List.of(
        WRITE_6, 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e, 0x41, 0x93, 0x89, 0x8b);

    int opcode() {
        return cdb[0] & 0xff;
    }

    /** A command of the first initiator to the disk, in hexadecimal, filled up with zeros. */
    static ScsiCommand of(String hex, byte[] sent, int expected) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        return new ScsiCommand(0, CdbSequence.DISK, Arrays.copyOf(bytes, 16), sent, expected);
    }

    /** The same by an initiator. */
    ScsiCommand by(int other) {
        return new ScsiCommand(other, lun, cdb, sent, expected);
    }

    /** LOGICAL BLOCK ADDRESS, where it stands in a CDB of this length; the greatest number for one that is negative. */
    long firstBlock() {
        ByteBuffer bytes = ByteBuffer.wrap(cdb);
        long first = switch (opcode() >> 5) {
            case 0 -> bytes.getInt(0) & 0x1f_ffff;
            case 1, 2, 5 -> bytes.getInt(2) & 0xffff_ffffL;
            default -> bytes.getLong(2);
        };
        return first < 0 ? Long.MAX_VALUE : first;
    }

    /** TRANSFER LENGTH, or what stands in its place. */
    long blocks() {
        ByteBuffer bytes = ByteBuffer.wrap(cdb);
        return switch (opcode() >> 5) {
            case 0 -> cdb[4] & 0xff;
            case 1, 2 -> bytes.getShort(7) & 0xffff;
            case 5 -> bytes.getInt(6) & 0xffff_ffffL;
            default -> bytes.getInt(10) & 0xffff_ffffL;
        };
    }

    /** ALLOCATION LENGTH, where it stands in a CDB of this length. */
    long allowed() {
        return opcode() == INQUIRY ? ByteBuffer.wrap(cdb).getShort(3) & 0xffff : blocks();
    }

    /** The blocks that it may change, as pairs of the first and how many. */
    List<long[]> ranges() {
        if (opcode() == UNMAP) {
            List<long[]> ranges = new ArrayList<>();
            ByteBuffer list = ByteBuffer.wrap(sent);
            for (int at = 8; at + 16 <= sent.length; at += 16) {
                // A target may lose the highest bits when it makes bytes of blocks.
                ranges.add(new long[] {list.getLong(at) << 9 >>> 9, list.getInt(at + 8) & 0xffff_ffffL});
            }
            return ranges;
        }
        // Of no blocks, WRITE SAME may be of all that follow; and a target may go by what was sent.
        long none = opcode() == WRITE_6 ? 256 : SAME.contains(opcode()) ? CdbSequence.BLOCKS : 0;
        long most = Math.max(blocks() == 0 ? none : blocks(), sent.length / CdbSequence.BLOCK_BYTES);
        return WRITES.contains(opcode()) ? List.of(new long[] {firstBlock(), most}) : List.of();
    }

    /** The CDB in hexadecimal. */
    String hex() {
        return HexFormat.of().formatHex(cdb);
    }

    @Override
    public String toString() {
        String list = HexFormat.of().formatHex(sent, 0, Math.min(SHOWN, sent.length));
        return "initiator " + initiator + " LUN " + lun + " CDB " + HexFormat.ofDelimiter(" ").formatHex(cdb)
            + (sent.length > 0 ? " sending " + sent.length + ": " + list : "") + (expected > 0 ? " taking " + expected : "");
    }
}
