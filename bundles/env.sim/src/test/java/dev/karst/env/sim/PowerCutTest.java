package dev.karst.env.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.FileOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The enumerator against a model that knows nothing of it: sectors are letters, a file is a word. */
class PowerCutTest {
    private static final int SECTOR = 512;
    private static final int SECTORS = 6;

    /** A write of a letter to some sectors. */
    private record Letters(int from, int count, char letter) {}

    /** One letter for each sector; fails if a sector holds more than one. */
    private static String word(SparseBytes bytes) {
        var word = new StringBuilder();
        for (int sector = 0; sector < SECTORS; sector++) {
            byte[] content = bytes.read((long) sector * SECTOR, SECTOR);
            for (byte each : content) {
                assertEquals(content[0], each, "torn within a sector");
            }
            word.append(content[0] == 0 ? '-' : (char) content[0]);
        }
        return word.toString();
    }

    private static Set<String> modelled(String durable, List<Letters> open) {
        Set<String> words = new TreeSet<>(Set.of(durable));
        for (Letters write : open) {
            Set<String> next = new TreeSet<>(words);
            for (String word : words) {
                for (int cut = 0; cut <= write.count; cut++) {
                    next.add(put(word, write, 0, cut));
                    next.add(put(word, write, cut, write.count));
                }
            }
            words = next;
        }
        return words;
    }

    private static String put(String word, Letters write, int from, int to) {
        var changed = new StringBuilder(word);
        for (int i = from; i < to; i++) {
            changed.setCharAt(write.from + i, write.letter);
        }
        return changed.toString();
    }

    private static Disk.Op write(Disk disk, Letters letters) throws Exception {
        return disk.write((long) letters.from * SECTOR, letters.count * SECTOR, letters.letter);
    }

    private static Letters chance(SplittableRandom random, char letter) {
        int from = random.nextInt(SECTORS);
        return new Letters(from, 1 + random.nextInt(SECTORS - from), letter);
    }

    @Test
    void shouldLeaveExactlyTheStatesOfTheModelWhenCasesAreSmall() throws Exception {
        for (int seed = 0; seed < 100; seed++) {
            var random = new SplittableRandom(seed);
            try (var disk = new Disk(seed, SECTORS * SECTOR)) {
                WriteRecorder recorder = disk.environment.files().record();
                String durable = "-".repeat(SECTORS);
                for (char letter = 'a'; letter < 'a' + random.nextInt(3); letter++) {
                    Letters letters = chance(random, letter);
                    disk.await(write(disk, letters));
                    durable = put(durable, letters, 0, letters.count);
                }
                disk.sync();
                List<Letters> open = new ArrayList<>();
                for (char letter = 'p'; letter < 'p' + random.nextInt(4); letter++) {
                    Letters letters = chance(random, letter);
                    open.add(letters);
                    disk.await(write(disk, letters));
                }
                Set<String> found = new TreeSet<>();
                var report = new PowerCut(recorder, new SimRandom(seed), 100_000)
                    .checkNow(state -> found.add(word(state.files().get(Disk.PATH))));
                assertEquals(modelled(durable, open), found);
                assertTrue(report.exhaustive());
                assertEquals(found.size(), report.distinct());
            }
        }
    }

    @Test
    void shouldKeepASyncedWriteAndMayLoseOneThatWasInFlightWhenTheSyncWasSubmitted() throws Exception {
        try (var disk = new Disk(1, SECTORS * SECTOR)) {
            WriteRecorder recorder = disk.environment.files().record();
            disk.await(disk.write(0, SECTOR, 'a'));
            Disk.Op late = disk.write(SECTOR, SECTOR, 'b');
            Disk.Op sync = disk.submit(FileOp.Kind.SYNC, 0, 0);
            disk.await(late, sync);
            Set<String> found = new TreeSet<>();
            new PowerCut(recorder, disk.random, 1000).checkNow(state -> found.add(word(state.files().get(Disk.PATH))));
            assertEquals(Set.of("a-----", "ab----"), found);
        }
    }

    @Test
    void shouldCutAtEveryInstantWhenAskedForAll() throws Exception {
        try (var disk = new Disk(1, SECTORS * SECTOR)) {
            WriteRecorder recorder = disk.environment.files().record();
            for (int i = 0; i < 3; i++) {
                disk.await(disk.write((long) i * SECTOR, SECTOR, 'a' + i));
                disk.sync();
            }
            Set<String> found = new TreeSet<>();
            new PowerCut(recorder, disk.random, 1000).checkAll(state -> found.add(word(state.files().get(Disk.PATH))));
            assertEquals(Set.of("------", "a-----", "ab----", "abc---"), found);
        }
    }

    @Test
    void shouldZeroTornRangesToo() throws Exception {
        try (var disk = new Disk(1, SECTORS * SECTOR)) {
            disk.await(disk.write(0, SECTORS * SECTOR, 'a'));
            WriteRecorder recorder = disk.environment.files().record();
            disk.await(disk.submit(FileOp.Kind.PUNCH, SECTOR, 2 * SECTOR));
            Set<String> found = new TreeSet<>();
            new PowerCut(recorder, disk.random, 1000).checkNow(state -> found.add(word(state.files().get(Disk.PATH))));
            assertEquals(Set.of("aaaaaa", "a-aaaa", "aa-aaa", "a--aaa"), found);
        }
    }

    @Test
    void shouldStopAtTheCapAndSaySoWhenThereAreManyStates() throws Exception {
        for (int writes : new int[] {8, 12, 40}) {
            try (var disk = new Disk(1, 1 << 20)) {
                WriteRecorder recorder = disk.environment.files().record();
                for (int i = 0; i < writes; i++) {
                    disk.await(disk.write(i * 16_384L, 16_384, 'a' + i % 26));
                }
                var report = new PowerCut(recorder, disk.random, 5000).checkNow(_ -> {});
                assertFalse(report.exhaustive());
                assertEquals(5000, report.made());
                assertEquals(writes, report.mostOpen());
                assertTrue(report.distinct() > 2500, "distinct: " + report.distinct());
            }
        }
    }

    /** Counts up in sector 0, syncing each time; a mark says how far it was acknowledged. */
    private static WriteRecorder count(Disk disk) throws Exception {
        WriteRecorder recorder = disk.environment.files().record();
        for (int i = 1; i <= 5; i++) {
            disk.await(disk.write(0, SECTOR, i));
            disk.sync();
            recorder.mark(i);
        }
        return recorder;
    }

    private static void checkCount(WriteRecorder recorder, CrashState state) throws Exception {
        long acknowledged = Math.max(0, recorder.markAt(state.instant()));
        try (var again = new Disk(1, state)) {
            Disk.Op read = again.submit(FileOp.Kind.READ, 0, SECTOR);
            again.await(read);
            assertTrue(read.bytes()[0] >= acknowledged, read.bytes()[0] + " after " + acknowledged + " was acknowledged");
        }
    }

    @Test
    void shouldFindTheLieWhenTheDiskAcknowledgesWithoutDurability() throws Exception {
        try (var honest = new Disk(1, SECTORS * SECTOR)) {
            WriteRecorder recorder = count(honest);
            new PowerCut(recorder, honest.random, 1000).checkAll(state -> checkCount(recorder, state));
        }
        try (var liar = new Disk(1, SECTORS * SECTOR)) {
            liar.environment.faults().lyingSync = true;
            WriteRecorder recorder = count(liar);
            var cut = new PowerCut(recorder, liar.random, 1000);
            var found = assertThrows(AssertionError.class, () -> cut.checkAll(state -> checkCount(recorder, state)));
            assertTrue(found.getMessage().contains("was acknowledged"), found.getMessage());
        }
    }

    @Test
    void shouldHaveAFileWholeOrNotAtAllWhenItIsCreated() throws Exception {
        try (var disk = new Disk(1, SECTORS * SECTOR)) {
            WriteRecorder recorder = disk.environment.files().record();
            disk.environment.files().create(Disk.PATH.resolveSibling("second"), 4096);
            Set<Integer> counts = new TreeSet<>();
            new PowerCut(recorder, disk.random, 10).checkAll(state -> counts.add(state.files().size()));
            assertEquals(Set.of(1, 2), counts);
        }
    }
}
