package dev.karst.reactor.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.reactor.IdlePolicy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the settings may say. */
class ReactorPlanTest {
    private static ReactorPlan plan(String processors, int... available) {
        return ReactorPlan.of(new TestSettings(processors, "adaptive", 100), available);
    }

    @Test
    void shouldTakeTheFirstTwoProcessorsWhenNoneIsNamed() {
        assertEquals(List.of(4), plan("", 4).processors());
        assertEquals(List.of(1, 3), plan(" ", 1, 3, 5, 7).processors());
    }

    @Test
    void shouldTakeThoseThatAreNamedWhenThereAreSome() {
        assertEquals(List.of(3, 1), plan("3, 1", 0, 1, 2, 3).processors());
        assertEquals(100_000, plan("0", 0).spinNanos());
        assertEquals(IdlePolicy.ADAPTIVE, plan("0", 0).policy());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"9; processor 9 is not one of [0, 1]", "0,0; named twice", "x; not a number: x"})
    void shouldSayWhatIsWrongWhenTheProcessorsMakeNoSense(String processors, String expected) {
        var refused = assertThrows(IllegalArgumentException.class, () -> plan(processors, 0, 1));
        assertTrue(refused.getMessage().contains(expected), refused.getMessage());
    }

    @Test
    void shouldNameThePoliciesWhenOneIsUnknown() {
        var refused = assertThrows(
            IllegalArgumentException.class, () -> ReactorPlan.of(new TestSettings("", "lazy", 1), new int[] {0}));
        assertEquals("idle.policy is lazy; expected poll, adaptive or interrupt", refused.getMessage());
    }
}
