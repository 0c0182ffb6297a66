package dev.karst.env.sim.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.env.sim.PowerCut;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.SparseBytes;
import dev.karst.env.sim.WriteRecorder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RecordedDiskTest {
    private static final int SECTOR = 512;

    private final RecordedDisk disk = new RecordedDisk(new SparseBytes(4 * SECTOR), new SimRandom(1));

    private static byte[] filled(int sectors, char letter) {
        byte[] bytes = new byte[sectors * SECTOR];
        Arrays.fill(bytes, (byte) letter);
        return bytes;
    }

    private static String word(SparseBytes bytes) {
        var word = new StringBuilder();
        for (int sector = 0; sector < 4; sector++) {
            byte first = bytes.read((long) sector * SECTOR, 1)[0];
            word.append(first == 0 ? '-' : (char) first);
        }
        return word.toString();
    }

    private void await(Runnable... submissions) {
        Arrays.asList(submissions).forEach(Runnable::run);
        while (disk.step()) {
            continue;
        }
    }

    private static void ok(int status) {
        assertEquals(Status.OK, status);
    }

    private Set<String> cut(WriteRecorder recorder) {
        Set<String> found = new TreeSet<>();
        new PowerCut(recorder, new SimRandom(1), 1000).checkNow(state -> found.add(word(state.files().get(RecordedDisk.PATH))));
        return found;
    }

    @Test
    void shouldKeepWhatWasFlushedAndLoseOrTearTheRestWhenPowerIsCut() {
        WriteRecorder recorder = disk.record();
        await(() -> disk.write(0, filled(1, 'a'), RecordedDiskTest::ok));
        await(() -> disk.flush(RecordedDiskTest::ok));
        await(() -> disk.write(SECTOR, filled(2, 'b'), RecordedDiskTest::ok));
        assertEquals(Set.of("a---", "ab--", "a-b-", "abb-"), cut(recorder));
        await(() -> disk.flush(RecordedDiskTest::ok));
        await(() -> disk.zero(0, 2 * SECTOR, RecordedDiskTest::ok));
        assertEquals(Set.of("abb-", "-bb-", "a-b-", "--b-"), cut(recorder));
    }

    @Test
    void shouldCoverNoWriteThatWasInFlightWhenAFlushWasSubmitted() {
        WriteRecorder recorder = disk.record();
        await(() -> disk.write(0, filled(1, 'a'), RecordedDiskTest::ok), () -> disk.flush(RecordedDiskTest::ok));
        assertEquals(Set.of("----", "a---"), cut(recorder));
    }

    @Test
    void shouldEndOperationsInAnyOrder() {
        Set<String> orders = new TreeSet<>();
        for (int round = 0; round < 20; round++) {
            List<String> order = new ArrayList<>();
            await(() -> disk.write(0, filled(1, 'a'), _ -> order.add("a")), () -> disk.flush(_ -> order.add("flush")));
            orders.add(order.toString());
        }
        assertEquals(Set.of("[a, flush]", "[flush, a]"), orders);
    }

    @Test
    void shouldFailTheOperationThatItWasToldToAndDoNothingThen() {
        WriteRecorder recorder = disk.record();
        int[] statuses = {-1, -1};
        disk.fail(1);
        await(() -> disk.write(0, filled(1, 'a'), status -> statuses[0] = status));
        await(() -> disk.write(SECTOR, filled(1, 'b'), status -> statuses[1] = status));
        assertEquals(Status.OK, statuses[0]);
        assertEquals(Status.errno(Errno.EIO), statuses[1]);
        assertEquals("a---", word(disk.content()));
        assertEquals(Set.of("----", "a---"), cut(recorder));
        assertNotEquals(0, disk.submitted());
    }
}
