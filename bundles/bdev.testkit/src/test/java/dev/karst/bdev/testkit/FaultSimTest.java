package dev.karst.bdev.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.bdev.testkit.fault.Fault;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The block layer with a module that does everything wrong that a module can do. */
class FaultSimTest {
    private static final int SEEDS = 2000;
    private static final int SEEDS_WITH_BUG = 8;

    private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);

    private void play(SimWorld world, BuggyWay.Bug bug) throws Exception {
        var subject = new FaultSim.Subject(
            () -> new MemoryModule("memory"), new Call("memory_create", Map.of("name", "Faulty0")), "memory_delete", true);
        var sim = new FaultSim(world, new BdevStage(world), subject, bug);
        sim.play();
        sim.faults().happened().forEach((fault, times) -> happened.merge(fault, times, Integer::sum));
    }

    @Test
    void shouldSurviveWhenAModuleMisbehaves() {
        SimWorld.run(1, SEEDS, world -> play(world, BuggyWay.Bug.NONE));
        assumeTrue(Long.getLong("karst.sim.seed") == null && Integer.getInteger("karst.sim.seeds") == null,
            "too few seeds to have seen all faults");
        Set<Fault> never = EnumSet.allOf(Fault.class);
        never.removeAll(happened.keySet());
        assertEquals(Set.of(), never, "faults that never happened");
    }

    @ParameterizedTest
    @EnumSource(value = BuggyWay.Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldFailWhenTheBlockLayerHasTheBug(BuggyWay.Bug bug) {
        int found = 0;
        for (long seed = 1; seed <= SEEDS_WITH_BUG; seed++) {
            found += isFound(bug, seed) ? 1 : 0;
        }
        assertTrue(found > SEEDS_WITH_BUG / 2, bug + " was found in " + found + " of " + SEEDS_WITH_BUG + " runs");
    }

    private boolean isFound(BuggyWay.Bug bug, long seed) {
        try {
            SimWorld.run(seed, 1, world -> play(world, bug));
            return false;
        } catch (AssertionError e) {
            return true;
        }
    }
}
