package dev.karst.env.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Files;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A small file that is replaced holds the old or the new, whenever the power goes; who leaves a step out is found. */
class SmallFilePowerCutTest {
    private static final Path FILE = Path.of("/data/small");
    private static final int LENGTH = 2000;
    private static final int TIMES = 4;

    /** One way to replace a file. */
    private interface Way {
        void replace(Files files, byte[] content) throws StorageException;
    }

    private static byte[] content(int value) {
        return Integer.toString(value).repeat(LENGTH).getBytes(StandardCharsets.US_ASCII);
    }

    /** What a cut may leave: the version that was acknowledged last or the next. Gives all that were seen. */
    private static Set<Integer> cutEverywhere(Way way) throws Exception {
        var environment = new SimEnvironment(new SimRandom(1), 1);
        WriteRecorder recorder = environment.files().record();
        for (int i = 1; i <= TIMES; i++) {
            way.replace(environment.files(), content(i));
            recorder.mark(i);
        }
        Set<Integer> seen = new TreeSet<>();
        var report = new PowerCut(recorder, new SimRandom(2), 10_000).checkAll(state -> {
            int acknowledged = (int) Math.max(0, recorder.markAt(state.instant()));
            var after = new SimEnvironment(new SimRandom(3), 1);
            state.openIn(after);
            int found = 0;
            if (after.files().exists(FILE)) {
                byte[] held = after.files().read(FILE, 1 << 20);
                found = held[0] - '0';
                assertArrayEquals(content(found), held, "neither old nor new");
            }
            assertTrue(found == acknowledged || found == acknowledged + 1, found + " after " + acknowledged);
            seen.add(found);
            after.close();
        });
        assertTrue(report.exhaustive());
        environment.close();
        return seen;
    }

    @Test
    void shouldHoldTheOldOrTheNewWhenThePowerIsCut() throws Exception {
        assertEquals(Set.of(0, 1, 2, 3, 4), cutEverywhere((files, content) -> files.replace(FILE, content)));
    }

    @Test
    void shouldBeFoundWhenAStepIsLeftOut() {
        Path passing = Path.of("/data/small.new");
        Way inPlace = (files, content) -> {
            files.write(FILE, content);
            files.sync(FILE);
            files.syncFolder(FILE.getParent());
        };
        Way unsynced = (files, content) -> {
            files.write(passing, content);
            files.rename(passing, FILE);
            files.syncFolder(FILE.getParent());
        };
        Way folderUnsynced = (files, content) -> {
            files.write(passing, content);
            files.sync(passing);
            files.rename(passing, FILE);
        };
        for (Way way : new Way[] {inPlace, unsynced, folderUnsynced}) {
            assertThrows(AssertionError.class, () -> cutEverywhere(way));
        }
    }

    @Test
    void shouldHoldAnySectorsOfAnOverwriteWhenThePowerIsCutBeforeItsSync() throws Exception {
        var environment = new SimEnvironment(new SimRandom(1), 1);
        environment.files().replace(FILE, new byte[3 * CutPlan.SECTOR]);
        WriteRecorder recorder = environment.files().record();
        byte[] content = new byte[2 * CutPlan.SECTOR];
        Arrays.fill(content, (byte) 1);
        environment.files().writeAt(FILE, CutPlan.SECTOR, content);
        Set<String> open = new TreeSet<>();
        new PowerCut(recorder, new SimRandom(2), 10_000).checkNow(state -> open.add(sectors(state)));
        environment.files().sync(FILE);
        Set<String> synced = new TreeSet<>();
        new PowerCut(recorder, new SimRandom(2), 10_000).checkNow(state -> synced.add(sectors(state)));
        assertEquals(Set.of("000", "010", "001", "011"), open);
        assertEquals(Set.of("011"), synced);
        environment.close();
    }

    private static String sectors(CrashState state) throws StorageException {
        var after = new SimEnvironment(new SimRandom(3), 1);
        state.openIn(after);
        byte[] held = after.files().read(FILE, 1 << 20);
        after.close();
        return "" + held[0] + held[CutPlan.SECTOR] + held[2 * CutPlan.SECTOR];
    }

    @Test
    void shouldSayWhatIsWrongWithASmallFile() throws Exception {
        try (var environment = new SimEnvironment(new SimRandom(1), 1)) {
            SimFiles files = environment.files();
            files.replace(FILE, content(1));
            assertArrayEquals(content(1), files.read(FILE, LENGTH));
            assertEquals(-Errno.EFBIG, assertThrows(StorageException.class, () -> files.read(FILE, LENGTH - 1)).code());
            Path none = Path.of("/none");
            assertEquals(-Errno.ENOENT, assertThrows(StorageException.class, () -> files.read(none, 1)).code());
            assertEquals(-Errno.ENOENT, assertThrows(StorageException.class, () -> files.rename(none, FILE)).code());
            environment.faults().diskBytes = 0;
            assertEquals(-Errno.ENOSPC,
                assertThrows(StorageException.class, () -> files.replace(FILE, content(2))).code());
            assertArrayEquals(content(1), files.read(FILE, LENGTH));
        }
    }
}
