package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.nvmf.testkit.BadInputs;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The rows of the table of bad inputs about iSCSI, over simulated sockets. I-19 is a test of its own in {@link SessionSimTest}, I-36 a
 * matter of SCSI devices.
 */
class BadInputSimTest {
    private static final int ROWS = 37;
    private static final List<Integer> ELSEWHERE = List.of(19, 36);
    private static final int SEEDS = 3;

    private static void play(BadInputs.Case bad) {
        SimWorld.run(1, SEEDS, 1, world -> {
            Bench bench = new Bench(world);
            new BadPduPlayer(bench).play(bad);
            bench.end();
        });
    }

    @TestFactory
    Stream<DynamicTest> shouldAnswerEachBadInputAsTheTableSays() {
        return IntStream.rangeClosed(1, ROWS).filter(row -> !ELSEWHERE.contains(row)).mapToObj("I-%02d"::formatted)
            .flatMap(row -> BadInputs.of(BadInputSimTest.class, row).stream())
            .map(bad -> DynamicTest.dynamicTest(bad.toString(), () -> play(bad)));
    }

    @Test
    void shouldFindAWrongAnswerWhenOneIsPlanted() {
        for (List<String> steps : List.of(List.of("do login", "send tur", "expect reject byte2=4"),
            List.of("do login", "send nop op=0x1c", "expect reject byte2=4"), List.of("do login", "send tur", "expect silence"),
            List.of("do login", "send tur nothing=1"), List.of("send login", "expect login status=0x0200"))) {
            AssertionError found = assertThrows(AssertionError.class, () -> play(new BadInputs.Case("planted", "a bug", steps)));
            assertEquals(true, found.getMessage().contains("planted: a bug"), found::getMessage);
        }
    }
}
