package dev.karst.itests.storm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.bdev.core.Sabotage;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Modules are replaced, misbehave, go for good and come twice, in any order, under random I/O. {@code karst.storm.seeds} sets
 * how many seeds, {@code karst.storm.seed} replays one. A failure says the seed and as few events as still fail.
 */
class SwapStormSimTest {
    private static final System.Logger LOG = System.getLogger(SwapStormSimTest.class.getName());
    private static final int SEEDS = Integer.getInteger("karst.storm.seeds", 2_000);
    private static final Long SEED = Long.getLong("karst.storm.seed");
    private static final long LEAST_IOS_OF_SEED = 5_000;
    private static final int SEEDS_WITH_BUG = 12;
    private static final int MOST_SHRINKS = 60;

    /** Plays one storm; gives the number of I/Os. */
    private static long play(long seed, Sabotage.Bug bug, List<StormEvent> events) throws Exception {
        try (var world = new SimWorld(seed, 1 + (int) Math.floorMod(seed, 3L))) {
            long ios = new Storm(world, bug, events).play();
            world.check();
            return ios;
        }
    }

    private static List<StormEvent> history(long seed) {
        var random = new SimRandom(seed);
        return StormEvent.history(random, 8 + random.below(8));
    }

    /** What it fails with; null when it does not. */
    private static Throwable failure(long seed, Sabotage.Bug bug, List<StormEvent> events) {
        try {
            play(seed, bug, events);
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    /** Leaves out events as long as it still fails. */
    private static List<StormEvent> shrunken(long seed, List<StormEvent> events) {
        List<StormEvent> least = events;
        int tries = MOST_SHRINKS;
        for (int at = least.size() - 1; at >= 0 && tries > 0; at--, tries--) {
            List<StormEvent> fewer = new ArrayList<>(least);
            fewer.remove(at);
            least = failure(seed, Sabotage.Bug.NONE, fewer) == null ? least : fewer;
        }
        return least;
    }

    private static long playOrTell(long seed) {
        try {
            return play(seed, Sabotage.Bug.NONE, history(seed));
        } catch (Throwable e) {
            List<StormEvent> least = shrunken(seed, history(seed));
            throw new AssertionError("seed " + seed + " (replay with -Dkarst.storm.seed=" + seed + "), " + e
                + "; fails with " + least + ": " + failure(seed, Sabotage.Bug.NONE, least), e);
        }
    }

    @Test
    void shouldEndEachOnceAndKeepDataWhenModulesComeAndGoInAnyOrder() {
        if (SEED != null) {
            playOrTell(SEED);
            return;
        }
        long begin = System.nanoTime();
        long ios = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            ios += playOrTell(seed);
        }
        long seconds = (System.nanoTime() - begin) / 1_000_000_000;
        LOG.log(System.Logger.Level.INFO, "{0} I/Os in {1} storms, {2} s", ios, SEEDS, seconds);
        assertTrue(ios >= SEEDS * LEAST_IOS_OF_SEED, ios + " I/Os in " + SEEDS + " storms");
    }

    @ParameterizedTest
    @EnumSource(value = Sabotage.Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldFailWhenTheBlockLayerHasTheBug(Sabotage.Bug bug) {
        int found = 0;
        for (long seed = 1; seed <= SEEDS_WITH_BUG; seed++) {
            found += failure(seed, bug, history(seed)) == null ? 0 : 1;
        }
        LOG.log(System.Logger.Level.INFO, "{0}: found in {1} of {2} storms", bug, found, SEEDS_WITH_BUG);
        assertTrue(found > 0, bug + " was found in none of " + SEEDS_WITH_BUG + " storms");
    }
}
