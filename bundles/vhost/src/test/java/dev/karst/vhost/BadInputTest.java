package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.testkit.BadInputs;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rows of the table of bad inputs about vhost-user, over real sockets and shared memory. V-10 is a test of its own in {@link
 * RacingGuestTest}, as is V-17 as far as memory is taken that can be cut short; V-25 and V-26 are about guests.
 * V-27, replies to messages that fail, is in all of them.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class BadInputTest {
    private static final int ROWS = 24;
    private static final List<Integer> ELSEWHERE = List.of(10);

    @TempDir
    private static Path folder;
    @TempDir
    private static Path scsiFolder;
    private static Bench bench;
    private static Bench scsi;

    @BeforeAll
    static void open() throws Exception {
        bench = new Bench(folder, false);
        scsi = new Bench(scsiFolder, false);
        scsi.serveScsi(0);
    }

    @AfterAll
    static void close() {
        bench.close();
        scsi.close();
    }

    private static void play(Bench on, BadInputs.Case bad) throws Exception {
        try (var player = new BadMasterPlayer(on)) {
            player.play(bad);
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldAnswerEachBadInputAsTheTableSays() {
        return IntStream.rangeClosed(1, ROWS).filter(row -> !ELSEWHERE.contains(row)).mapToObj("V-%02d"::formatted)
            .flatMap(row -> BadInputs.of(BadInputTest.class, row).stream())
            .map(bad -> DynamicTest.dynamicTest(bad.toString(), () -> play(bench, bad)));
    }

    @TestFactory
    Stream<DynamicTest> shouldAnswerEachBadInputToAScsiHostAsTheTableSays() {
        return BadInputs.of(BadInputTest.class, "V-28").stream()
            .map(bad -> DynamicTest.dynamicTest(bad.toString(), () -> play(scsi, bad)));
    }

    @Test
    void shouldFindAWrongAnswerWhenOneIsPlanted() {
        for (List<String> steps : List.of(List.of("do start", "expect broken"), List.of("do start", "expect closed within=200"),
            List.of("do greet", "send SET_VRING_NUM 4:0,4:16 ack", "expect nack"), List.of("do start", "send GET_FEATURES nothing=1"),
            List.of("do greet", "send SET_VRING_NUM 4:0,4:3 ack", "expect ack"), List.of("do start", "expect used"))) {
            AssertionError found = assertThrows(AssertionError.class, () -> play(bench, new BadInputs.Case("planted", "a bug", steps)));
            assertTrue(found.getMessage().contains("planted: a bug"), found::getMessage);
        }
    }
}
