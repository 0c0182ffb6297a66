package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.testkit.BadInputs;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.reactor.IdlePolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every row of bad input over real sockets, beside a neighbour whose I/O is verified all the time. */
class BadInputSocketsTest {
    private static final int BLOCKS = 32 * 1024;
    /** Those that only wait do so together. */
    private static final int SLOW_AT_ONCE = 32;

    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    @Test
    void shouldAnswerBadInputAsItMustAndDisturbNobodyWhenAHostSendsAny() throws Exception {
        List<BadInputs.Case> cases = BadInputs.rows(1, 80);
        try (Stack stack = new Stack(IdlePolicy.ADAPTIVE)) {
            stack.serveMemory("ram", BLOCKS);
            try (NvmeTcpHost admin = stack.admin(); NvmeTcpHost io = stack.io(admin, 1, true, true);
                Neighbour neighbour = new Neighbour(io, 1)) {
                Map<String, Long> before = stack.holdings();
                long descriptors = descriptors();
                cases.stream().filter(bad -> !bad.isSlow()).forEach(bad -> play(stack, bad));
                settle(stack, before);
                playTogether(stack, cases.stream().filter(BadInputs.Case::isSlow).toList());
                settle(stack, before);
                long left = descriptors() - descriptors;
                assertTrue(left <= 2, left + " descriptors more than before");
                assertEquals(0, stack.statistic("failures"), "connections ended by a bug");
                neighbour.check();
            }
            assertEquals("", String.join("\n", wrong));
        }
    }

    private void play(Stack stack, BadInputs.Case bad) {
        try {
            stack.player().play(bad);
        } catch (Exception | AssertionError e) {
            wrong.add(bad + ": " + e.getMessage());
        }
    }

    private void playTogether(Stack stack, List<BadInputs.Case> cases) {
        try (var threads = Executors.newFixedThreadPool(SLOW_AT_ONCE)) {
            cases.forEach(bad -> threads.execute(() -> play(stack, bad)));
        }
    }

    /** All comes back to what it was, but for what the neighbour uses at the moment. */
    private static void settle(Stack stack, Map<String, Long> before) throws Exception {
        Map<String, Long> now = stack.holdings();
        for (int i = 0; i < 500 && !isBack(now, before); i++) {
            stack.venue().pass(20);
            now = stack.holdings();
        }
        assertTrue(isBack(now, before), () -> "held is more than before, which was " + before);
    }

    private static boolean isBack(Map<String, Long> now, Map<String, Long> before) {
        return now.get("connections").equals(before.get("connections")) && now.get("controllers").equals(before.get("controllers"))
            && now.get("regions") <= before.get("regions") && now.get("requests") <= 1 && now.get("large_buffers") <= 1
            && now.get("small_buffers") <= 1;
    }

    private static long descriptors() throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
