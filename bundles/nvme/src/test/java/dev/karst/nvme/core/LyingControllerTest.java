package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeController.State;
import dev.karst.nvme.NvmeEvents;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Bad input, row F-11: what a controller may say that cannot be, one lie at a time. */
class LyingControllerTest {
    private static final int SEEDS = 10;
    private static final int ROUNDS = 100;
    private static final int SLOT_BLOCKS = 8;

    private static SimStage stage(SimWorld world, Traits traits) {
        return new SimStage(world, traits, Settings.plain(512));
    }

    /** Attaching fails, and leaves nothing behind. */
    private static void assertRefused(Consumer<Traits> traits, Consumer<SimStage> lie) {
        SimWorld.run(1, SEEDS, world -> {
            Traits lying = new Traits();
            traits.accept(lying);
            SimStage stage = stage(world, lying);
            lie.accept(stage);
            assertThrows(StorageException.class, () -> stage.attach(SimStage.options(100, 1_000)));
            assertEquals(List.of(), stage.driver.controllers());
            stage.finish();
        });
    }

    @Test
    void shouldRefuseAControllerWhoseQueuesHaveOneEntry() {
        assertRefused(traits -> traits.queueEntries = 1, stage -> {});
    }

    @Test
    void shouldRefuseAControllerThatNeverBecomesReady() {
        assertRefused(traits -> {}, stage -> stage.nvme.faults().neverReady = true);
    }

    @Test
    void shouldRefuseAControllerThatBreaksDownAtOnce() {
        assertRefused(traits -> {}, stage -> stage.nvme.faults().fatalOneIn = 1);
    }

    @Test
    void shouldTakeOrRefuseAControllerThatSaysNoiseButNeverFailOtherwise() {
        SimWorld.run(1, 5 * SEEDS, world -> {
            SimStage stage = stage(world, Traits.any(world.random()));
            stage.nvme.faults().noise = true;
            try {
                stage.attach(SimStage.options(100, 1_000));
                stage.controller.namespaces().forEach(namespace -> assertTrue(namespace.blocks() >= 0));
            } catch (StorageException expected) {
                assertEquals(List.of(), stage.driver.controllers());
            }
            stage.finish();
        });
    }

    @Test
    void shouldKeepToWhatItCanDescribeWhenMdtsIsAbsurdOrAbsent() {
        for (int mdts : new int[] {0, 1, 31, 255}) {
            SimWorld.run(1, SEEDS, world -> {
                SimStage stage = stage(world, new Traits());
                stage.nvme.faults().maxTransfer = mdts;
                stage.attach(SimStage.options(0, -1));
                assertTrue(stage.controller.data().limits().maxTransferBytes() > 0);
                assertTrue(stage.controller.namespace(1).orElseThrow().limits().maxTransferBlocks() > 0);
                stage.finish();
            });
        }
    }

    /** Requests end once each under that lie, which is noticed; then the controller works again after a reset. */
    private static void assertSurvived(Consumer<SimStage> lie) {
        int[] resets = new int[1];
        SimWorld.run(1, SEEDS, world -> {
            SimStage stage = stage(world, Traits.any(world.random()));
            stage.attach(SimStage.options(100, 2_000));
            NvmeQueuePair queue = world.background(() -> stage.controller.openQueuePair(world.reactor(0)));
            var load = new SimLoad(world, List.of(queue), 4, SLOT_BLOCKS);
            load.mayFail(true);
            load.mayReadWrong(true);
            stage.controller.watch(new NvmeEvents() {
                @Override
                public void stateChanged(NvmeController controller, State state) {
                    resets[0] += state == State.READY ? 0 : 1;
                }
            });
            lie.accept(stage);
            for (int round = 0; round < ROUNDS; round++) {
                load.start();
            }
            stage.nvme.faults().turnAllOff();
            world.until(load::isIdle);
            load.assertAllEnded();
            world.background(() -> {
                stage.controller.reset();
                return null;
            });
            assertEquals(State.READY, stage.controller.state());
            stage.finish();
        });
        assertTrue(resets[0] >= SEEDS / 2, () -> "noticed " + resets[0] + " times");
    }

    @Test
    void shouldEndEachRequestOnceWhenCompletionsAreOfNobody() {
        assertSurvived(stage -> stage.nvme.faults().unknownCidOneIn = 5);
    }

    @Test
    void shouldEndEachRequestOnceWhenCompletionsComeTwice() {
        assertSurvived(stage -> stage.nvme.faults().duplicateOneIn = 5);
    }

    @Test
    void shouldEndEachRequestOnceWhenThePhaseIsStuck() {
        assertSurvived(stage -> stage.nvme.faults().phaseStuckOneIn = 10);
    }

    @Test
    void shouldEndEachRequestOnceWhenTheHeadIsNowhere() {
        assertSurvived(stage -> stage.nvme.faults().headOutOfRangeOneIn = 5);
    }

    @Test
    void shouldEndEachRequestOnceWhenItReportsAFatalError() {
        assertSurvived(stage -> stage.nvme.fail());
    }

    @Test
    void shouldEndEachRequestOnceWhenItNeitherAnswersNorStops() {
        assertSurvived(stage -> {
            stage.nvme.faults().stuckOneIn = 2;
            stage.nvme.faults().abortsFail = true;
            stage.nvme.faults().neverDisabled = true;
        });
    }

    @Test
    void shouldEndEachRequestOnceWhenCompletionsComeAfterAReset() {
        assertSurvived(stage -> {
            stage.nvme.faults().stuckOneIn = 3;
            stage.nvme.faults().lateAfterReset = true;
        });
    }
}
