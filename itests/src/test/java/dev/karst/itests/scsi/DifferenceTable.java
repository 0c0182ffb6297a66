package dev.karst.itests.scsi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The differences that are known, each with the clause by which Karst is right; and which of them a run has met. */
final class DifferenceTable {
    /**
     * A row.
     *
     * @param what {@link Difference#what}
     * @param when what must hold of the command: {@code reserved}, a bit is set that no field has; {@code unknown}, no disk has it;
     *     {@code beyond}, its range is not on the disk; {@code empty}, it is of no blocks; {@code nowhere}, it is for no disk; {@code
     *     short}, less is taken than the CDB allows; {@code other}, more or less is sent than its blocks are; {@code failed}, it ends with an error and nothing moves; {@code -}, nothing
     * @param cdb what the CDB in hexadecimal begins with
     * @param theirs what of tgt's answer differs, all of it
     * @param ours what of Karst's
     */
    private record Row(String what, String when, Pattern cdb, Pattern theirs, Pattern ours, String clause) {
        static Row of(String line) {
            String[] cells = line.split(" +\\| +", 6);
            return new Row(
                cells[0], cells[1], Pattern.compile(cells[2]), Pattern.compile(cells[3]), Pattern.compile(cells[4]), cells[5]);
        }

        boolean explains(Difference difference) {
            ScsiCommand command = difference.command();
            return what.equals(difference.what()) && cdb.matcher(command.hex()).lookingAt()
                && theirs.matcher(difference.told(difference.theirs())).matches()
                && ours.matcher(difference.told(difference.ours())).matches() && switch (when) {
                    case "reserved" -> hasReservedBit(command.cdb());
                    case "unknown" -> USAGES.stream().noneMatch(usage -> usage[0] == command.cdb()[0]);
                    case "beyond" -> command.firstBlock() > CdbSequence.BLOCKS - command.blocks();
                    case "empty" -> command.blocks() == 0;
                    case "other" -> command.sent().length != command.blocks() * CdbSequence.BLOCK_BYTES;
                    case "nowhere" -> command.lun() != CdbSequence.DISK;
                    case "short" -> command.expected() < command.allowed();
                    case "failed" -> !difference.ours().isGood()
                        && difference.ours().residual() <= command.expected() + command.sent().length;
                    case "-" -> true;
                    default -> throw new IllegalStateException("a row with " + when);
                };
        }
    }

    private static final List<byte[]> USAGES = CdbSequence.USAGES.stream().map(usage -> HexFormat.ofDelimiter(" ").parseHex(usage)).toList();

    private final List<Row> rows;
    private final Map<Row, Difference> met = new LinkedHashMap<>();

    /** Reads it. */
    DifferenceTable() throws IOException {
        try (InputStream in = DifferenceTable.class.getResourceAsStream("differences.txt")) {
            rows = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#")).map(Row::of).toList();
        }
    }

    int size() {
        return rows.size();
    }

    /** Whether a row explains it; that row has been met. */
    boolean explains(Difference difference) {
        for (Row row : rows) {
            if (row.explains(difference)) {
                met.putIfAbsent(row, difference);
                return true;
            }
        }
        return false;
    }

    /** The clauses of rows that no difference was explained by. */
    List<String> notMet() {
        List<String> clauses = new ArrayList<>();
        for (Row row : rows) {
            if (!met.containsKey(row)) {
                clauses.add(row.cdb + ": " + row.clause);
            }
        }
        return clauses;
    }

    /** Whether a bit of the CDB is set that no field has. */
    private static boolean hasReservedBit(byte[] cdb) {
        return USAGES.stream().filter(usage -> isOf(usage, cdb)).findFirst().map(usage -> {
                for (int i = 1; i < usage.length; i++) {
                    if ((cdb[i] & ~usage[i] & (i == 1 && hasAction(cdb) ? 0xe0 : 0xff)) != 0) {
                        return true;
                    }
                }
                return false;
            }).orElse(false);
    }

    private static boolean isOf(byte[] usage, byte[] cdb) {
        return usage[0] == cdb[0] && (!hasAction(cdb) || (usage[1] & 0x1f) == (cdb[1] & 0x1f));
    }

    private static boolean hasAction(byte[] cdb) {
        return List.of(0x9e, 0xa3, 0x5e, 0x5f, 0x84, 0x83).contains(cdb[0] & 0xff);
    }
}
