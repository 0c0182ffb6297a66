package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The harness notices what a module does wrong: in most seeds, and in each run of the tests. */
class PlantedBugsTest {
    private static final int SEEDS = 12;

    @ParameterizedTest
    @EnumSource(value = ScriptedModule.Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldBeNoticedWhenAModuleHasTheBug(ScriptedModule.Bug bug) {
        int noticed = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            noticed += isNoticed(seed, bug) ? 1 : 0;
        }
        assertTrue(noticed > SEEDS / 2, bug + " was noticed in " + noticed + " of " + SEEDS + " runs");
    }

    @Test
    void shouldNoticeNothingWhenThereIsNoBug() {
        for (int seed = 0; seed < SEEDS; seed++) {
            assertFalse(isNoticed(seed, ScriptedModule.Bug.NONE), "seed " + seed);
        }
    }

    private static boolean isNoticed(long seed, ScriptedModule.Bug bug) {
        long strays = BdevChannel.strayCompletions();
        boolean fails = false;
        try (var world = new SimWorld(seed, 2)) {
            run(world, bug);
        } catch (Throwable e) {
            fails = true;
        }
        return fails || BdevChannel.strayCompletions() > strays;
    }

    private static void run(SimWorld world, ScriptedModule.Bug bug) throws Exception {
        if (bug.isOfCompareAndWrite()) {
            new CompareAndWriteSimTest.Setting(world, bug).count(100).end();
            return;
        }
        var bench = new Bench(world);
        bench.script.bug = bug;
        bench.script.refuseOneIn = 3;
        bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS));
        bench.load(300, IoType.READ, IoType.WRITE);
        world.until(bench::allDone, 100_000);
        world.check();
        bench.end();
    }
}
