package dev.karst.itests.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.testkit.BadInputs;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every row of bad input against the whole path, in a simulated world where bytes come in pieces of any size. */
class BadInputSimTest {
    private static final int BLOCKS = 32 * 1024;

    private static void play(SimWorld world, List<BadInputs.Case> cases) throws Exception {
        try (SimStack stack = new SimStack(world)) {
            stack.serveMemory("ram", BLOCKS);
            NvmeTcpHost admin = stack.admin();
            NvmeTcpHost healthy = stack.io(admin, 1, true, true);
            byte[] data = new byte[4096];
            for (int i = 0; i < 20; i++) {
                Served.expectSuccess(healthy.write(1, i, 8, data, true));
            }
            Map<String, Long> before = stack.holdings();
            List<String> wrong = new ArrayList<>();
            for (BadInputs.Case bad : cases) {
                world.random().bytes(data);
                Served.expectSuccess(healthy.write(1, 0, 8, data, world.random().oneIn(2)));
                try {
                    stack.player().play(bad);
                } catch (AssertionError e) {
                    wrong.add(e.getMessage());
                }
                try {
                    stack.awaitHoldings(before);
                } catch (AssertionError e) {
                    wrong.add(bad + ": " + e.getMessage());
                    before = stack.holdings();
                }
                assertArrayEquals(data, healthy.read(1, 0, 8, data.length).data(), bad.toString());
                Served.expectSuccess(admin.execute(NvmeTcpHost.sqe(0x18, 0, 0, false), new byte[0], false));
            }
            assertEquals(List.of(), wrong);
            assertEquals(0, stack.statistic("failures"), "connections ended by a bug");
        }
    }

    @Test
    void shouldAnswerBadInputAsItMustAndDisturbNobodyWhenAHostSendsAny() {
        List<BadInputs.Case> cases = BadInputs.rows(1, 80);
        assertTrue(cases.size() > 200, cases.size() + " cases");
        SimWorld.run(1, 6, world -> play(world, cases));
    }

    @Test
    void shouldFindWrongAnswersWhenTheyArePlanted() {
        List<BadInputs.Case> planted = List.of(
            new BadInputs.Case("planted", "a wrong FEI", List.of("send icreq plen=129", "expect term fes=1 fei=5")),
            new BadInputs.Case("planted", "a field that is none", List.of("do admin", "do command opcode=0x18 nsid=0 cdw=1")),
            new BadInputs.Case("planted", "a field twice", List.of("do admin", "do command opcode=0x18 nsid=0 nsid=0")),
            new BadInputs.Case("planted", "a wrong status", List.of("do admin", "send command opcode=0x3e", "expect status 0/02")),
            new BadInputs.Case("planted", "other data", List.of("do admin", "use io", "do io qid=1",
                "do command opcode=2 slba=20000 nlb=0 length=512", "expect data fill=1")),
            new BadInputs.Case("planted", "an end too early", List.of("do admin kato=10000", "expect closed within=5000")));
        for (BadInputs.Case bad : planted) {
            assertThrows(AssertionError.class, () -> SimWorld.run(1, 1, world -> play(world, List.of(bad))), bad.toString());
        }
    }
}
