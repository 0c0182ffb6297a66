package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power is cut in all workloads of up to three operations: there is what was before or after each, and nobody sees another's
 * data.
 */
class LvolPowerCutSimTest {
    private static final int STATES_PER_CUT = Integer.getInteger("karst.powercut.states", 20);
    private static final int VARIANTS = Integer.getInteger("karst.powercut.variants", 1);

    @Test
    void shouldHoldTheStateBeforeOrAfterWhenPowerIsCutAtAnyInstant() throws Exception {
        var world = new LvolWorld(LvolWorld.CutMedium::new, new Parts(), STATES_PER_CUT);
        for (int variant = 0; variant < VARIANTS; variant++) {
            world.all(3, variant);
        }
        String report = world.workloads() + " workloads, " + world.states() + " distinct states, "
            + world.deeper() + " of them after a second cut";
        System.getLogger(LvolPowerCutSimTest.class.getName()).log(System.Logger.Level.INFO, report);
        assertTrue(world.states() >= 100_000, report);
        assertTrue(world.deeper() > world.states() / 100, report);
    }

    /** Each is found in each run, or what is not found elsewhere says nothing. */
    @ParameterizedTest
    @EnumSource
    void shouldFindTheBugWhenOneIsPlanted(PlantedBug bug) throws Exception {
        var world = new LvolWorld(bug::medium, bug.parts(), STATES_PER_CUT);
        var found = assertThrows(AssertionError.class, () -> world.all(3, 0), bug + " was not found");
        System.getLogger(LvolPowerCutSimTest.class.getName()).log(
            System.Logger.Level.INFO, bug + " was found after " + world.states() + " states: " + found.getMessage());
    }
}
