package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.IoVector;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** COMPARE_AND_WRITE that the block layer emulates, from all reactors at once, is one step to all others. */
class CompareAndWriteSimTest {
    /** A device, a figure on it, and everybody who counts. */
    static final class Setting {
        final Bench bench;
        final Counting.Figure figure;
        /** Whether a plain READ and WRITE are one step each, because the module does them in one piece. */
        final boolean mayWrite;
        final List<Counting> counters = new ArrayList<>();

        Setting(SimWorld world) throws Exception {
            this(world, ScriptedModule.Bug.NONE);
        }

        /** With the bug the module does it itself, and wrong. */
        Setting(SimWorld world, ScriptedModule.Bug bug) throws Exception {
            bench = new Bench(world);
            bench.script.bug = bug;
            bench.script.compareAndWriteBlocks = 2 + bench.random.below(3);
            bench.script.refuseOneIn = bench.random.oneIn(2) ? 0 : 3;
            bench.script.depth = bench.random.oneIn(2) ? 2 : 1000;
            Geometry geometry = Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS);
            int most = bench.random.below(3);
            if (bug == ScriptedModule.Bug.NONE) {
                geometry = geometry.limited(most, 0, 0, 1);
            } else {
                bench.script.supported.add(IoType.COMPARE_AND_WRITE);
            }
            bench.disk(geometry);
            figure = new Counting.Figure(100, bug == ScriptedModule.Bug.NONE && bench.random.oneIn(2) ? 1
                : bench.script.compareAndWriteBlocks);
            mayWrite = most == 0 || figure.blocks == 1;
        }

        Setting count(int rounds) throws Exception {
            var world = bench.world;
            for (Reactor reactor : world.reactors().all()) {
                counters.add(world.call(reactor, () -> new Counting(bench.random.split(), bench.descriptor, reactor,
                    figure, world.environment().memory(), 1 + bench.random.below(6))));
            }
            for (Reactor reactor : world.reactors().all()) {
                reactor.execute(() -> counters.get(reactor.id()).start(rounds));
            }
            return this;
        }

        boolean isDone() {
            return counters.stream().allMatch(Counting::isDone);
        }

        void end() throws Exception {
            bench.world.until(this::isDone);
            bench.world.check();
            figure.check(bench.stores.get("disk"), 512);
            for (Reactor reactor : bench.world.reactors().all()) {
                bench.world.on(reactor, counters.get(reactor.id())::close);
            }
            bench.descriptor.close();
            bench.layer.close();
            bench.world.settle(1);
            assertNothingHeld();
        }

        private void assertNothingHeld() {
            for (Lane lane : ((CoreBdev) bench.descriptor.bdev()).lanes) {
                assertEquals(false, lane.locks.isHeld(), "a lock is still held");
                assertEquals(0, lane.turn.buffers.inUse(), "buffers in use");
            }
        }
    }

    @Test
    void shouldLoseNoStepWhenAllReactorsCount() {
        SimWorld.run(1, 60, world -> {
            Setting setting = new Setting(world).count(60);
            setting.end();
            assertEquals(setting.figure.counted, setting.figure.least);
            assertTrue(setting.figure.counted > 0);
        });
    }

    @Test
    void shouldNeitherLoseWritesNorShowHalvesWhenOthersWriteThere() {
        SimWorld.run(300, 60, world -> {
            Setting setting = new Setting(world);
            setting.figure.writeOneIn = setting.mayWrite ? 4 : 0;
            setting.count(60).end();
        });
    }

    @Test
    void shouldGoOnWithoutErrorWhenTheModuleIsReplacedInTheMiddle() {
        SimWorld.run(500, 50, world -> {
            Setting setting = new Setting(world).count(60);
            for (int swaps = 0; swaps < 6; swaps++) {
                world.runFor(world.random().below(3));
                setting.bench.layer.removeModule(setting.bench.module);
                world.runFor(world.random().below(2));
                setting.bench.module = setting.bench.newModule();
                setting.bench.layer.addModule(setting.bench.module);
            }
            setting.end();
            assertEquals(0, setting.figure.uncertain);
        });
    }

    @Test
    void shouldGiveLocksBackOnceWhenSubmittersAbort() {
        SimWorld.run(700, 60, world -> {
            Setting setting = new Setting(world);
            setting.figure.allowed = List.of(Status.ABORTED);
            setting.figure.abortOneIn = 3;
            setting.count(60).end();
        });
    }

    @Test
    void shouldGiveLocksBackWhenTheDeviceIsReset() {
        SimWorld.run(900, 40, world -> {
            Setting setting = new Setting(world);
            setting.figure.allowed = List.of(Status.ABORTED);
            setting.bench.load0(IoType.RESET);
            Load resets = setting.bench.loads.getFirst();
            setting.count(60);
            world.on(world.reactor(0), () -> resets.start(6));
            world.until(resets::isDone);
            world.on(world.reactor(0), resets::close);
            setting.end();
        });
    }

    @Test
    void shouldEndAllWhenTheDeviceGoesInTheMiddle() {
        SimWorld.run(1100, 60, world -> {
            Setting setting = new Setting(world);
            setting.figure.allowed = List.of(Status.REMOVED, Status.ABORTED);
            setting.count(100);
            world.runFor(world.random().below(2));
            setting.bench.module.host.unregister("disk");
            setting.end();
        });
    }

    /** One I/O that remembers how it ended. */
    private static final class Once extends BdevIo {
        int status = -1;

        Once(IoType type, long block, long memory) {
            super(1);
            this.type = type;
            offsetBlocks = block;
            blocks = 1;
            data.set(memory, 512);
            compare = new IoVector(1);
            compare.set(memory, 512);
        }

        @Override
        protected void ended(int status) {
            this.status = status;
        }
    }

    @Test
    void shouldHoldUpOnlyWhatOverlapsWhenALockWaits() {
        SimWorld.run(1300, 20, 3, world -> {
            var bench = new Bench(world);
            bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS));
            long memory = world.environment().memory().allocate("data", 512).address();
            BdevChannel first = world.call(world.reactor(0), () -> bench.descriptor.openChannel(world.reactor(0)));
            BdevChannel second = world.call(world.reactor(1), () -> bench.descriptor.openChannel(world.reactor(1)));
            var ios = new ArrayList<Once>();
            for (IoType type : List.of(IoType.READ, IoType.COMPARE_AND_WRITE, IoType.WRITE, IoType.READ, IoType.FLUSH)) {
                ios.add(new Once(type, 5, memory));
            }
            bench.script.holds = true;
            world.on(world.reactor(0), () -> first.submit(ios.get(0)));
            bench.script.holds = false;
            world.on(world.reactor(0), () -> first.submit(ios.get(1)));
            world.settle(1);
            var apart = new Once(IoType.WRITE, 6, memory);
            world.on(world.reactor(1), () -> second.submit(apart));
            for (Once io : ios.subList(2, 5)) {
                world.on(world.reactor(1), () -> second.submit(io));
            }
            world.settle(1);
            assertEquals(Status.OK, apart.status);
            assertEquals(List.of(-1, -1, -1, -1, Status.OK), ios.stream().map(io -> io.status).toList());
            world.on(world.reactor(0), () -> bench.module.channels.getFirst().release());
            world.settle(1);
            assertEquals(List.of(0, 0, 0, 0, 0), ios.stream().map(io -> io.status).toList());
            world.on(world.reactor(0), first::close);
            world.on(world.reactor(1), second::close);
            bench.descriptor.close();
            bench.layer.close();
        });
    }

    @Test
    void shouldRefuseWhatIsTooLongWhenOneStepIsAskedFor() {
        SimWorld.run(1400, 1, 1, world -> {
            var bench = new Bench(world);
            bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS));
            long memory = world.environment().memory().allocate("data", 1024).address();
            world.on(world.reactor(0), () -> {
                try {
                    BdevChannel channel = bench.descriptor.openChannel(world.reactor(0));
                    var io = new Once(IoType.COMPARE_AND_WRITE, 0, memory);
                    io.blocks = 2;
                    io.data.set(memory, 1024);
                    io.compare.set(memory, 1024);
                    assertEquals(Status.INVALID, channel.submit(io));
                    var copy = new Once(IoType.COPY, 0, memory);
                    copy.blocks = 2;
                    copy.sourceBlock = 1;
                    assertEquals(Status.INVALID, channel.submit(copy));
                    copy.sourceBlock = Bench.BLOCKS - 1;
                    assertEquals(Status.OUT_OF_RANGE, channel.submit(copy));
                    channel.close();
                } catch (StorageException e) {
                    throw new IllegalStateException(e);
                }
            });
        });
    }
}
