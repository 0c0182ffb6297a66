package dev.karst.itests.scsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.itests.guest.GuestRunner;
import dev.karst.itests.iscsi.IscsiStack;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same random commands to the target of Debian's package {@code tgt} and to Karst, over iSCSI: status, sense data, residual,
 * data and what the disk holds at the end are the same, but for what {@code differences.txt} says, each with the clause by which
 * Karst is right.
 */
class TgtDifferentialTest {
    private static final int COMMANDS = Integer.getInteger("karst.tgt.commands", 5000);
    private static final long USUAL_SEED = 7;
    private static final long SEED = Long.getLong("karst.tgt.seed", USUAL_SEED);
    private static final int MOST_DIFFERENCES = 40;
    private static final int FEW = 400;
    private static final String NODE = "iqn.2026-11.dev.karst:same";

    @TempDir
    private Path folder;

    private Tgtd tgtd;
    private IscsiStack stack;
    private final List<ScsiHost> theirs = new ArrayList<>();
    private final List<ScsiHost> ours = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        boolean found = Tgtd.PROGRAM.toFile().canExecute();
        if (!found) {
            assertFalse(GuestRunner.inContinuousIntegration(), "tgtd is not installed, and continuous integration skips nothing");
        }
        assumeTrue(found, "tgtd is not installed");
        tgtd = new Tgtd(folder, (long) CdbSequence.BLOCKS * CdbSequence.BLOCK_BYTES);
        stack = new IscsiStack();
        stack.call("bdev_malloc_create", Map.of("name", "same", "num_blocks", (long) CdbSequence.BLOCKS, "block_size",
            (long) CdbSequence.BLOCK_BYTES));
        // tgt's LUN 0 is its controller: nobody asks it anything.
        stack.call("bdev_malloc_create", Map.of("name", "none", "num_blocks", 8L, "block_size", (long) CdbSequence.BLOCK_BYTES));
        stack.call("iscsi_create_target_node", Map.of("name", NODE, "alias_name", "a disk", "queue_depth", 64L,
            "pg_ig_maps", List.of(Map.of("pg_tag", 1L, "ig_tag", 1L)),
            "luns", List.of(Map.of("bdev_name", "none", "lun_id", 0L), Map.of("bdev_name", "same", "lun_id", (long) CdbSequence.DISK))));
        for (String name : List.of("iqn.2026-11.dev.karst:one", "iqn.2026-11.dev.karst:two")) {
            theirs.add(new IscsiClient(tgtd::revive, tgtd.port, Tgtd.NODE, name));
            ours.add(new IscsiClient(() -> { }, stack.port(), NODE, name));
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (ScsiHost host : theirs) {
            host.close();
        }
        for (ScsiHost host : ours) {
            host.close();
        }
        if (stack != null) {
            stack.close();
        }
        if (tgtd != null) {
            tgtd.close();
        }
    }

    /** Plays commands; gives the differences that no row explains, of each kind one, and a block that is not the same at the end. */
    private Map<String, String> play(List<ScsiHost> karst, long seed, int commands, DifferenceTable table) throws IOException {
        var comparison = new Comparison(theirs, karst);
        var sequence = new CdbSequence(seed);
        Map<String, String> unexplained = new LinkedHashMap<>();
        for (int i = 0; i < commands; i++) {
            for (Difference difference : comparison.compareAndLook(sequence.next())) {
                if (!table.explains(difference)) {
                    unexplained.putIfAbsent(String.format("%s %02x %s %s", difference.what(), difference.command().opcode(),
                        difference.theirs().end(), difference.ours().end()), difference.toString());
                }
            }
        }
        int block = comparison.differentBlock();
        if (block >= 0) {
            unexplained.put("disk", "block " + block + " of the disks is not the same at the end");
        }
        return unexplained;
    }

    @Test
    void shouldAnswerAsTgtDoesUnlessTheStandardSaysOtherwise() throws Exception {
        var table = new DifferenceTable();
        assertTrue(table.size() <= MOST_DIFFERENCES, table.size() + " rows");
        Map<String, String> unexplained = play(ours, SEED, COMMANDS, table);
        assertTrue(unexplained.isEmpty(), () -> unexplained.size() + " kinds of differences that no row explains, with seed " + SEED + ":\n"
            + String.join("\n", unexplained.values()));
        assertEquals(List.of(), table.notMet(), "rows that nothing was explained by");
    }

    @Test
    void shouldFindEachBugWhenItIsPlanted() throws Exception {
        List<BuggyHost.Bug> unnoticed = new ArrayList<>();
        for (BuggyHost.Bug bug : BuggyHost.Bug.values()) {
            List<ScsiHost> buggy = ours.stream().map(host -> (ScsiHost) new BuggyHost(host, bug)).toList();
            try {
                if (play(buggy, USUAL_SEED, FEW, new DifferenceTable()).isEmpty()) {
                    unnoticed.add(bug);
                }
            } catch (AssertionError e) {
                assertTrue(e.getMessage() != null, "found by what holds of each answer");
            }
            // Both disks are as they were.
            new Comparison(theirs, ours).copy();
        }
        assertEquals(List.of(), unnoticed);
    }
}
