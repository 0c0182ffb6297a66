package dev.karst.bdev.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.env.Region;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.NvmeController.State;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random I/O from all reactors while paths are lost and come back, lose and get access, are reset, detached and attached, and the
 * module is replaced. Each I/O ends once and well, and reads give what was written; only of a fused compare-and-write that was cut off nobody
 * knows.
 */
class MultipathSimTest {
    private static final int SEEDS = 40;
    private static final int SEEDS_WITH_BUG = 6;
    private static final int CHANGES_A_SEED = 10;
    private static final int MOST_CHANGES = 60;
    private static final int MOST_STEPS = 300_000;
    private static final int BLOCKS = 512;
    private static final int PATHS = 3;
    private static final AnaState[] ACCESS = {AnaState.OPTIMIZED, AnaState.NON_OPTIMIZED, AnaState.INACCESSIBLE, AnaState.CHANGE};
    /** Of a command that was cut off and cannot be repeated. */
    private static final int CUT_OFF = Status.nvme(3, 0x71);

    private static final class Storm {
        private final SimWorld world;
        private final AttachedStage nvme;
        private final List<RandomIo> loads = new ArrayList<>();
        private final List<OpenBdev> opened = new ArrayList<>();
        private int changes;

        Storm(SimWorld world, FakeDriver.Bug bug) throws StorageException {
            this.world = world;
            nvme = new AttachedStage(world);
            nvme.driver.bug = bug;
            if (world.random().oneIn(3)) {
                nvme.driver.mostBytes = 4 * FakeNamespace.BLOCK;
            }
        }

        private void attach(int port) throws StorageException {
            boolean active = world.random().oneIn(2);
            String selector = world.random().oneIn(2) ? "round_robin" : "queue_depth";
            nvme.attach(port, "ctrlr_loss_timeout_sec", -1, "reconnect_delay_sec", 1, "multipath_opts",
                Map.of("policy", active ? "active_active" : "active_passive", "selector", selector, "min_io", world.random().between(1, 4)));
        }

        void play() throws Exception {
            for (int port = 1; port <= PATHS; port++) {
                attach(port);
            }
            start();
            while (changes < MOST_CHANGES && loads.stream().noneMatch(RandomIo::isDone)) {
                for (long steps = world.random().between(0, 150); steps > 0; steps--) {
                    world.reactors().step(world.clock().nanos() + 1_000_000);
                }
                world.check();
                change();
                changes++;
            }
            heal();
            world.until(this::isDone, MOST_STEPS);
            for (OpenBdev open : opened) {
                assertTrue(!open.isRemoved(), "the device went away");
                open.close();
            }
            nvme.stage.call("bdev_nvme_detach_controller", "name", "Nvme0");
            assertEquals(List.of(), nvme.driver.controllers(), "controllers that are left");
        }

        private boolean isDone() {
            return loads.stream().allMatch(RandomIo::isDone);
        }

        private void start() throws StorageException {
            List<Reactor> reactors = nvme.stage.reactors().all();
            int part = BLOCKS / reactors.size();
            for (Reactor reactor : reactors) {
                OpenBdev open = nvme.stage.open("Nvme0n1", reactor);
                opened.add(open);
                var model = new Model((long) part * reactor.id(), part, FakeNamespace.BLOCK, false);
                Region memory = nvme.stage.environment().memory().allocate("test", RandomIo.bytesNeeded(FakeNamespace.BLOCK, 16));
                IoMix mix = IoMix.of(16, 1500).tolerating(status -> status == CUT_OFF);
                loads.add(new RandomIo(open.channel(), model, world.random().nextLong() >>> 40, memory, mix));
            }
            for (int i = 0; i < loads.size(); i++) {
                nvme.stage.on(opened.get(i).reactor(), loads.get(i)::start);
            }
        }

        private void change() throws StorageException {
            int port = (int) world.random().between(1, PATHS);
            boolean there = nvme.driver.controllers().stream().anyMatch(each -> each.id().service().equals("" + port));
            if (!there) {
                attach(port);
                return;
            }
            FakeController controller = nvme.driver.at(port);
            switch (world.random().below(8)) {
                case 0, 1 -> controller.become(State.RECONNECTING);
                case 2 -> controller.become(State.READY);
                case 3 -> nvme.stage.call("bdev_nvme_reset_controller", "name", "Nvme0", "cntlid", controller.data().controllerId());
                case 4, 5 -> controller.ana(1, ACCESS[world.random().below(ACCESS.length)]);
                case 6 -> detach(port);
                default -> nvme.replace();
            }
        }

        private void detach(int port) throws StorageException {
            if (nvme.driver.controllers().size() > 1) {
                nvme.stage.call("bdev_nvme_detach_controller", "name", "Nvme0", "traddr", "127.0.0.1", "trsvcid", "" + port);
            }
        }

        private void heal() {
            nvme.driver.controllers().forEach(each -> {
                var controller = (FakeController) each;
                controller.ana(1, AnaState.OPTIMIZED);
                if (controller.state() != State.READY) {
                    controller.become(State.READY);
                }
            });
        }
    }

    @Test
    void shouldEndEachIoOnceAndWellWhenPathsComeAndGo() {
        long strays = BdevChannel.strayCompletions();
        int[] changes = new int[1];
        SimWorld.run(1, SEEDS, world -> {
            var storm = new Storm(world, FakeDriver.Bug.NONE);
            storm.play();
            changes[0] += storm.changes;
        });
        assumeTrue(Long.getLong("karst.sim.seed") == null && Integer.getInteger("karst.sim.seeds") == null,
            "too few seeds to tell how many changes there are");
        assertTrue(changes[0] >= CHANGES_A_SEED * SEEDS, "only " + changes[0] + " changes under load");
        assertEquals(strays, BdevChannel.strayCompletions(), "I/O completed that was not in flight");
    }

    @ParameterizedTest
    @EnumSource(value = FakeDriver.Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldFailWhenTheDriverHasTheBug(FakeDriver.Bug bug) {
        int found = 0;
        for (long seed = 1; seed <= SEEDS_WITH_BUG; seed++) {
            found += isFound(bug, seed) ? 1 : 0;
        }
        assertTrue(found > 0, bug + " was found in none of " + SEEDS_WITH_BUG + " runs");
    }

    private static boolean isFound(FakeDriver.Bug bug, long seed) {
        try {
            SimWorld.run(seed, 1, world -> new Storm(world, bug).play());
            return false;
        } catch (AssertionError e) {
            return true;
        }
    }
}
