package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController.State;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.testkit.controller.Faults;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The driver against simulated controllers of all kinds, honest ones and lying ones. */
class DriverSimTest {
    private static final int SEEDS = 20;
    private static final int ROUNDS = 200;
    private static final int EACH = 6;

    private static SimLoad load(SimStage stage) throws Exception {
        List<NvmeQueuePair> queues = new ArrayList<>();
        for (Reactor reactor : stage.world.reactors().all()) {
            if (queues.size() < stage.controller.data().limits().queuePairs()) {
                queues.add(stage.world.background(() -> stage.controller.openQueuePair(reactor)));
            }
        }
        int most = stage.controller.namespace(1).orElseThrow().limits().maxTransferBlocks();
        return new SimLoad(stage.world, queues, EACH, Math.min(most, 128));
    }

    @Test
    void shouldReadWhatItWroteWhateverTheControllerIsLike() {
        SimWorld.run(1, SEEDS, world -> {
            var stage = new SimStage(world, Traits.any(world.random()), Settings.plain(512));
            stage.attach(ControllerOptions.standard());
            assertEquals(State.READY, stage.controller.state());
            assertEquals(SimStage.BLOCKS, stage.controller.namespace(1).orElseThrow().blocks());
            SimLoad load = load(stage);
            for (int round = 0; round < ROUNDS; round++) {
                load.start();
            }
            world.until(load::isIdle);
            load.assertAllEnded();
            stage.finish();
        });
    }

    @Test
    void shouldEndEachRequestOnceWhenItIsResetUnderLoad() {
        SimWorld.run(1000, SEEDS, world -> {
            var stage = new SimStage(world, Traits.any(world.random()), Settings.plain(512));
            stage.attach(SimStage.options(0, -1));
            SimLoad load = load(stage);
            load.mayFail(true);
            List<CompletableFuture<?>> resets = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                load.start();
                if (world.random().oneIn(50)) {
                    resets.add(stage.begin(() -> {
                        stage.controller.reset();
                        return null;
                    }));
                }
            }
            world.until(() -> load.isIdle() && resets.stream().allMatch(CompletableFuture::isDone));
            assertEquals(State.READY, stage.controller.state());
            load.assertAllEnded();
            load.mayFail(false);
            for (int round = 0; round < ROUNDS / 4; round++) {
                load.start();
            }
            world.until(load::isIdle);
            stage.finish();
        });
    }

    @Test
    void shouldComeBackAndLoseNothingWhenCommandsAreStuckOrTheControllerBreaksDown() {
        SimWorld.run(2000, SEEDS, world -> {
            var stage = new SimStage(world, Traits.any(world.random()), Settings.plain(512));
            stage.attach(SimStage.options(100, -1));
            SimLoad load = load(stage);
            load.mayFail(true);
            var faults = stage.nvme.faults();
            faults.stuckOneIn = 40;
            faults.errorOneIn = 20;
            faults.fatalOneIn = world.random().oneIn(2) ? 100 : 0;
            faults.abortsFail = world.random().oneIn(2);
            for (int round = 0; round < ROUNDS || load.failures() == 0; round++) {
                load.start();
            }
            faults.turnAllOff();
            world.until(() -> load.isIdle() && stage.controller.state() == State.READY);
            load.assertAllEnded();
            stage.finish();
        });
    }

    @Test
    void shouldEndEachRequestOnceAndSayThatItIsGoneWhenItIsPulledOut() {
        SimWorld.run(3000, SEEDS, world -> {
            var stage = new SimStage(world, Traits.any(world.random()), Settings.plain(512));
            stage.attach(SimStage.options(100, -1));
            SimLoad load = load(stage);
            load.mayFail(true);
            int pulled = world.random().below(ROUNDS);
            for (int round = 0; round < ROUNDS; round++) {
                load.start();
                if (round == pulled) {
                    world.environment().pci().unplug(stage.nvme);
                }
            }
            world.until(() -> load.isIdle() && stage.controller.state() == State.REMOVED);
            load.assertAllEnded();
            assertFalse(stage.controller.reason().isEmpty());
            stage.finish();
        });
    }

    @Test
    void shouldEndEachRequestOnceWhenTheControllerLies() {
        SimWorld.run(4000, 2 * SEEDS, world -> {
            var stage = new SimStage(world, Traits.any(world.random()), Settings.plain(512));
            stage.attach(SimStage.options(100, 2_000));
            SimLoad load = load(stage);
            load.mayFail(true);
            load.mayReadWrong(true);
            Faults faults = stage.nvme.faults();
            faults.unknownCidOneIn = world.random().below(2) * 30;
            faults.duplicateOneIn = world.random().below(2) * 30;
            faults.phaseStuckOneIn = world.random().below(2) * 30;
            faults.headOutOfRangeOneIn = world.random().below(2) * 30;
            faults.lateAfterReset = world.random().oneIn(2);
            for (int round = 0; round < ROUNDS; round++) {
                load.start();
                if (world.random().oneIn(60)) {
                    world.runFor(world.random().below(200));
                }
            }
            faults.turnAllOff();
            world.until(load::isIdle);
            load.assertAllEnded();
            stage.finish();
        });
    }
}
