package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.BdevStatistics;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.fence.Faults;
import dev.karst.bdev.core.notice.Notices;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A device on a device: each module can be replaced, also while the other is away; and what the lower ends at once it does in place of the
 * upper, and nobody can tell.
 */
class StackSimTest {
    private static final IoType[] TYPES = {IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.COMPARE,
        IoType.COMPARE_AND_WRITE, IoType.COPY};

    private static final IoType[] READ_WRITE = {IoType.READ, IoType.WRITE};
    private static final int IOS = 200;

    private static OnTopModule stack(Bench bench) throws Exception {
        var top = new OnTopModule();
        bench.layer.addModule(top);
        bench.module.create(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512,
            Bench.BLOCKS + OnTopModule.SHIFT).limited(4, 0, 0, 1));
        top.create();
        bench.descriptor = bench.layer.open(OnTopModule.NAME, true, bench.world.reactor(0), bench.told);
        return top;
    }

    private static OnTopModule replaceTop(Bench bench, OnTopModule top) {
        bench.layer.removeModule(top);
        var next = new OnTopModule();
        bench.layer.addModule(next);
        return next;
    }

    @Test
    void shouldEndWithoutErrorWhenBothModulesAreReplacedInAnyOrder() {
        SimWorld.run(1, 120, world -> {
            var bench = new Bench(world);
            bench.script.refuseOneIn = bench.random.oneIn(2) ? 0 : 4;
            bench.script.immediate = bench.random.oneIn(2);
            bench.script.inlineOneIn = bench.script.immediate ? 1 : 4;
            OnTopModule top = stack(bench);
            bench.load(300, TYPES);
            for (int i = 0; i < 6; i++) {
                world.runFor(bench.random.below(2));
                boolean bottomAway = bench.random.oneIn(2);
                if (bottomAway) {
                    bench.layer.removeModule(bench.module);
                    world.runFor(bench.random.below(2));
                }
                if (bench.random.oneIn(2)) {
                    top = replaceTop(bench, top);
                    assertEquals(State.ONLINE, bench.descriptor.bdev().state());
                }
                if (bottomAway) {
                    bench.module = bench.newModule();
                    bench.layer.addModule(bench.module);
                }
            }
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldNotWaitForTheLowerWhenTheUpperIsReplaced() {
        SimWorld.run(700, 60, world -> {
            var bench = new Bench(world);
            OnTopModule top = stack(bench);
            bench.load(100, TYPES);
            world.runFor(bench.random.below(2));
            bench.layer.removeModule(bench.module);
            world.runFor(1);
            long begun = world.environment().clock().nanos();
            replaceTop(bench, top);
            long millis = (world.environment().clock().nanos() - begun) / 1_000_000;
            assertTrue(millis < 20, "it took " + millis + " ms while the lower was away");
            assertEquals(State.ONLINE, bench.descriptor.bdev().state());
            bench.module = bench.newModule();
            bench.layer.addModule(bench.module);
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldComeBackWhenTheVersionBeforeHasIoThatIsHeldBelow() {
        SimWorld.run(700, 20, world -> {
            var bench = new Bench(world);
            bench.script.holds = true;
            bench.script.abortOneIn = 0;
            OnTopModule top = stack(bench);
            bench.load(4, IoType.READ);
            world.runFor(1);
            replaceTop(bench, top);
            assertEquals(State.ONLINE, bench.descriptor.bdev().state());
            bench.script.holds = false;
            for (var channel : List.copyOf(bench.module.channels)) {
                world.on(channel.reactor(), channel::release);
            }
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldGoTogetherWhenTheLowerIsRemoved() {
        SimWorld.run(500, 60, world -> {
            var bench = new Bench(world);
            stack(bench);
            bench.load(200, TYPES);
            bench.loads.forEach(load -> load.allowed = List.of(Status.REMOVED, Status.ABORTED));
            world.runFor(bench.random.below(2));
            bench.module.host.unregister("disk");
            world.until(() -> bench.layer.all().isEmpty());
            assertEquals(List.of("disk"), bench.module.destroyed);
            assertTrue(bench.told.events.contains("removed"));
            world.until(bench::allDone);
            bench.closeLoads();
            bench.descriptor.close();
        });
    }

    /** On a device that ends reads and writes at once. */
    private static OnTopModule stackAtOnce(Bench bench) throws Exception {
        return stackAtOnce(bench, new OnTopModule(), 8);
    }

    private static OnTopModule stackAtOnce(Bench bench, OnTopModule top, int faults) throws Exception {
        bench.layer.settings(new BlockLayer.Settings(10_000, 6, 64, 0, "log", new Faults.Limits(faults, 60_000, 8)));
        bench.script.immediate = true;
        bench.script.inlineOneIn = 1;
        bench.layer.addModule(top);
        bench.module.create(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS + OnTopModule.SHIFT));
        top.create();
        bench.descriptor = bench.layer.open(OnTopModule.NAME, true, bench.world.reactor(0), bench.told);
        return top;
    }

    private static CoreBdev find(Bench bench, String name) {
        return bench.layer.findPresent(name).orElseThrow();
    }

    private static int failed(Bench bench) {
        return bench.loads.stream().mapToInt(load -> load.failed).sum();
    }

    @Test
    void shouldCountAndCheckAsUsualWhenItIsDoneAtOnce() {
        SimWorld.run(1, 20, world -> {
            var bench = new Bench(world);
            OnTopModule top = stackAtOnce(bench);
            bench.script.refuseOneIn = bench.random.oneIn(2) ? 0 : 4;
            bench.load(IOS, READ_WRITE);
            world.until(bench::allDone);
            assertEquals(0, failed(bench));
            BdevStatistics disk = find(bench, "disk").statistics();
            // In bytes: what has no blocks ends above.
            assertEquals(find(bench, OnTopModule.NAME).statistics().readBytes(), disk.readBytes());
            assertEquals(find(bench, OnTopModule.NAME).statistics().writtenBytes(), disk.writtenBytes());
            assertTrue(disk.reads() > 0 && disk.writes() > 0);
            assertTrue(top.doneNow > 0);
            assertTrue(bench.script.refuseOneIn > 0 || top.doneNow == disk.reads() + disk.writes());
            bench.end();
        });
    }

    /** A part that is ended inside its submission is used anew at once. */
    @Test
    void shouldPutEachPartInItsPlaceWhenTheUpperIsDoneInPartsAndWaits() {
        SimWorld.run(30, 40, world -> {
            var bench = new Bench(world);
            var top = new OnTopModule();
            top.mostBlocks = bench.random.below(3);
            top.refuseOneIn = 2 + bench.random.below(3);
            stackAtOnce(bench, top, 1);
            bench.load(IOS, TYPES);
            world.until(bench::allDone);
            assertEquals(0, failed(bench));
            assertNull(find(bench, "disk").fence());
            bench.end();
        });
    }

    @Test
    void shouldTakeTheLongWayWhenTheDeviceBelowIsLimitedOrMeasured() {
        SimWorld.run(50, 20, world -> {
            var bench = new Bench(world);
            OnTopModule top = stackAtOnce(bench);
            var front = new BdevFront(bench.layer);
            boolean limited = bench.random.oneIn(2);
            if (limited) {
                Calls.call(front, "bdev_set_qos_limit", "name", "disk", "rw_ios_per_sec", 1_000_000L);
            } else {
                Calls.call(front, "bdev_enable_histogram", "name", "disk", "enable", true);
            }
            bench.load(IOS, READ_WRITE);
            world.until(bench::allDone);
            assertEquals(0, top.doneNow);
            if (limited) {
                Calls.call(front, "bdev_set_qos_limit", "name", "disk", "rw_ios_per_sec", 0L);
            } else {
                Calls.call(front, "bdev_enable_histogram", "name", "disk", "enable", false);
            }
            for (var reactor : world.reactors().all()) {
                world.on(reactor, () -> bench.loads.get(reactor.id()).start(IOS));
            }
            world.until(bench::allDone);
            assertTrue(top.doneNow > 0);
            assertEquals(0, failed(bench));
            bench.end();
        });
    }

    @Test
    void shouldFenceTheOneBelowWhenItThrows() {
        SimWorld.run(100, 20, world -> {
            var bench = new Bench(world);
            stackAtOnce(bench);
            bench.script.bug = ScriptedModule.Bug.THROWS;
            bench.script.bugOneIn = 3;
            bench.load(0, READ_WRITE);
            bench.loads.forEach(load -> load.allowed = null);
            for (var reactor : world.reactors().all()) {
                world.on(reactor, () -> bench.loads.get(reactor.id()).start(100_000));
            }
            world.until(() -> find(bench, "disk").fence() != null);
            bench.loads.forEach(Load::stop);
            world.until(bench::allDone);
            assertNull(find(bench, OnTopModule.NAME).fence());
            bench.end();
        });
    }

    private static List<String> fenced(Bench bench) {
        return bench.layer.notices().from(0, 100).stream()
            .filter(notice -> notice.kind() == Notices.Kind.BDEV_FENCE).map(Notices.Notice::name).toList();
    }

    /** The one below writes it where it should, all the same. */
    @Test
    void shouldBlameTheOneBelowWhenItSaidThatItEndsAtOnceAndDoesNot() {
        SimWorld.run(150, 4, 1, world -> {
            var bench = new Bench(world);
            OnTopModule top = stackAtOnce(bench, new OnTopModule(), 1);
            bench.script.inlineOneIn = 0;
            var reactor = world.reactor(0);
            BdevChannel channel = world.call(reactor, () -> bench.descriptor.openChannel(reactor));
            long memory = world.environment().memory().allocate("data", 512).address();
            Mem.fill(memory, 512, (byte) 7);
            var ends = new ArrayList<Integer>();
            var io = new BdevIo(1) {
                @Override
                protected void ended(int status) {
                    ends.add(status);
                }
            };
            io.type = IoType.WRITE;
            io.offsetBlocks = 5;
            io.blocks = 1;
            io.data.set(memory, 512);
            world.on(reactor, () -> assertEquals(Status.OK, channel.submit(io)));
            world.until(() -> !ends.isEmpty());
            assertEquals(List.of(Status.OK), ends);
            assertTrue(Mem.equal(memory, bench.stores.get("disk") + (5 + OnTopModule.SHIFT) * 512, 512));
            assertEquals(1, top.doneNow);
            // It is taken back into service at once, since it holds nothing that came by its own way.
            world.until(() -> !fenced(bench).isEmpty());
            assertEquals(List.of("disk"), fenced(bench));
            world.on(reactor, channel::close);
            bench.descriptor.close();
            bench.layer.close();
        });
    }
}
