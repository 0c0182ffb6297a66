package dev.karst.nvmf.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.tcp.JudgingTarget.Planted;
import dev.karst.reactor.sim.SimWorld;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Bytes, read as what a host sends on one connection: capsules with all kinds of SGLs, data that R2Ts asked for or did not, and
 * bytes that are no PDU. Each capsule is judged by a second reading of the rules, see {@link CapsuleConversation}. {@link
 * #fuzzerTestOneInput} is also the entry for a fuzzer that is guided by coverage.
 */
class CapsuleFuzzTest {
    private static final int INPUTS = 3000;
    private static CapsuleConversation fuzzed;

    /** One input. All inputs of a process share what connections of a reactor share. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (fuzzed == null) {
            fuzzed = new CapsuleConversation(new SimWorld(1, 1), Planted.NONE);
        }
        fuzzed.hold(input);
    }

    private static CapsuleConversation play(Planted planted, int inputs) throws Exception {
        try (SimWorld world = new SimWorld(1, 1)) {
            SplittableRandom random = new SplittableRandom(1);
            CapsuleConversation conversation = new CapsuleConversation(world, planted);
            for (int i = 0; i < inputs; i++) {
                byte[] input = new byte[4 + random.nextInt(120)];
                random.nextBytes(input);
                conversation.hold(input);
            }
            conversation.close();
            return conversation;
        }
    }

    @Test
    void shouldTreatEachCapsuleByTheRulesWhateverIsSent() throws Exception {
        CapsuleConversation conversation = play(Planted.NONE, INPUTS);
        for (CapsuleConversation.Outcome outcome : CapsuleConversation.Outcome.values()) {
            assertTrue(conversation.count(outcome) > 20, outcome + ": " + conversation.count(outcome));
        }
    }

    @Test
    void shouldFindEachBugWhenItIsPlanted() {
        List<Planted> unnoticed = Arrays.stream(Planted.values())
            .filter(planted -> planted != Planted.NONE && !isFound(planted)).toList();
        assertEquals(List.of(), unnoticed);
    }

    private static boolean isFound(Planted planted) {
        try {
            play(planted, 300);
            return false;
        } catch (Exception | AssertionError e) {
            return true;
        }
    }
}
