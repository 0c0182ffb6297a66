package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Modules that go and come back, and devices that go for good, while I/O is in flight. */
class SwapSimTest {
    private static final IoType[] ALL =
        {IoType.READ, IoType.READ, IoType.WRITE, IoType.WRITE, IoType.FLUSH, IoType.UNMAP, IoType.WRITE_ZEROES,
            IoType.COMPARE, IoType.COMPARE_AND_WRITE, IoType.COPY, IoType.VERIFY};

    private static Bench bench(SimWorld world) throws Exception {
        var bench = new Bench(world);
        bench.script.refuseOneIn = bench.random.oneIn(3) ? 0 : 2 + bench.random.below(4);
        bench.script.depth = bench.random.oneIn(2) ? 1 + bench.random.below(4) : 1000;
        return bench.disk(bench.randomDisk());
    }

    private static Geometry disk() {
        return Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS);
    }

    /** Takes the module away and brings another version. */
    private static void swap(Bench bench) {
        bench.layer.removeModule(bench.module);
        bench.module = bench.newModule();
        bench.layer.addModule(bench.module);
    }

    @Test
    void shouldEndEachOnceWithoutErrorWhenTheModuleIsReplacedUnderLoad() {
        SimWorld.run(1, 200, world -> {
            Bench bench = bench(world).load(400, ALL);
            int swaps = 0;
            while (!bench.allDone() && swaps < 6) {
                world.runFor(bench.random.below(3));
                swap(bench);
                swaps++;
            }
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            var events = new ArrayList<String>();
            for (int i = 0; i < swaps; i++) {
                events.addAll(List.of("paused", "resumed"));
            }
            world.settle(1);
            assertEquals(events, bench.told.events);
            bench.end();
        });
    }

    @Test
    void shouldReplayWhatWasAbortedWhenTheModuleIsSlow() {
        SimWorld.run(500, 60, world -> {
            Bench bench = bench(world);
            bench.script.usualNanos = 400_000_000;
            bench.script.abortOneIn = 1;
            bench.load(40, IoType.READ, IoType.WRITE);
            world.runFor(5);
            swap(bench);
            bench.script.usualNanos = 1000;
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldKeepOrderWhenWaitingIoIsReplayed() {
        SimWorld.run(600, 30, world -> {
            var bench = new Bench(world).disk(disk());
            bench.layer.removeModule(bench.module);
            var memory = world.environment().memory();
            for (int i = 0; i < 5; i++) {
                var range = new Load.Range(i * 40L, 40, memory);
                var load = world.call(world.reactor(0), () ->
                    new Load(bench.random.split(), bench.descriptor, world.reactor(0), range, 3, IoType.READ));
                bench.loads.add(load);
                world.on(world.reactor(0), () -> load.start(3));
            }
            assertEquals(15, bench.loads.stream().mapToInt(Load::inFlight).sum());
            bench.script.seen = new ArrayList<>();
            bench.script.refuseOneIn = 3;
            bench.module = bench.newModule();
            bench.layer.addModule(bench.module);
            world.until(bench::allDone);
            List<Long> devices = bench.script.seen.stream().map(block -> block / 40).distinct().toList();
            assertEquals(devices.stream().sorted().toList(), devices);
            world.on(world.reactor(0), () -> bench.loads.forEach(Load::close));
        });
    }

    @Test
    void shouldMoveOverWhenTheNextVersionIsThereAlready() {
        SimWorld.run(700, 60, world -> {
            Bench bench = bench(world).load(200, ALL);
            ScriptedModule next = bench.newModule();
            bench.layer.addModule(next);
            world.runFor(1);
            bench.layer.removeModule(bench.module);
            assertEquals(State.ONLINE, bench.descriptor.bdev().state());
            assertEquals(1, bench.module.stops);
            assertEquals(List.of("disk parked"), bench.module.destroyed);
            bench.end();
            assertEquals(List.of("disk parked"), next.destroyed);
        });
    }

    @Test
    void shouldFailWithRemovedWhenTheModuleDoesNotComeBack() {
        SimWorld.run(800, 60, world -> {
            Bench bench = bench(world).load(200, ALL);
            bench.loads.forEach(load -> load.allowed = List.of(Status.REMOVED, Status.ABORTED));
            world.runFor(1);
            bench.layer.removeModule(bench.module);
            assertEquals(State.PARKED, bench.descriptor.bdev().state());
            world.runFor(9_000);
            assertEquals(State.PARKED, bench.descriptor.bdev().state());
            assertEquals(List.of("paused"), bench.told.events);
            world.until(() -> bench.told.events.contains("removed"));
            world.until(bench::allDone);
            bench.closeLoads();
            bench.descriptor.close();
            world.settle(1);
            assertTrue(bench.layer.all().isEmpty());
        });
    }

    @Test
    void shouldEndAllWhenTheDeviceIsUnregisteredUnderLoad() {
        SimWorld.run(900, 100, world -> {
            Bench bench = bench(world).load(200, ALL);
            bench.loads.forEach(load -> load.allowed = List.of(Status.REMOVED, Status.ABORTED));
            world.runFor(bench.random.below(2));
            boolean closes = bench.random.oneIn(2);
            if (closes) {
                world.environment().threads().background().execute(() -> {
                    world.until(() -> bench.told.events.contains("removed") && bench.allDone());
                    closeAll(bench);
                });
            }
            bench.module.host.unregister("disk");
            assertEquals(List.of("disk"), bench.module.destroyed);
            assertTrue(bench.layer.all().isEmpty());
            assertEquals(List.of("removed"), bench.told.events);
            if (!closes) {
                world.until(bench::allDone);
                closeAll(bench);
            }
        });
    }

    private static void closeAll(Bench bench) {
        try {
            bench.closeLoads();
            bench.descriptor.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldKeepMemoryOutOfUseWhenTheModuleDoesNotLetGo() {
        SimWorld.run(1100, 30, 1, world -> {
            var bench = new Bench(world);
            bench.script.holds = true;
            bench.script.abortOneIn = 0;
            bench.disk(disk()).load(8, IoType.READ, IoType.WRITE);
            world.runFor(1);
            ScriptedModule old = bench.module;
            int inside = old.channels.getFirst().inside();
            bench.layer.removeModule(old);
            assertEquals(inside, old.channels.getFirst().inside());
            assertFalse(bench.allDone());
            assertEquals(List.of(), old.destroyed);
            assertEquals(1, old.stops);
            bench.script.holds = false;
            bench.module = bench.newModule();
            bench.layer.addModule(bench.module);
            assertEquals(State.ONLINE, bench.descriptor.bdev().state());
            world.runFor(1);
            assertFalse(bench.allDone());
            world.on(world.reactor(0), () -> old.channels.forEach(ScriptedModule.ScriptedChannel::release));
            world.until(bench::allDone);
            world.settle(1);
            assertEquals(List.of("disk parked"), old.destroyed);
            bench.end();
        });
    }

    @Test
    void shouldReplayWhatTheModuleLetsGoOfWhenItsTimeIsUp() {
        SimWorld.run(1200, 30, world -> {
            var bench = new Bench(world);
            bench.script.holds = true;
            bench.script.abortOneIn = 0;
            bench.script.abandons = true;
            bench.disk(disk()).load(8, IoType.READ, IoType.WRITE);
            world.runFor(1);
            bench.script.holds = false;
            swap(bench);
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldStayParkedWhenTheSuccessorDoesNotFit() {
        SimWorld.run(1300, 10, world -> {
            var bench = new Bench(world).disk(disk());
            bench.layer.removeModule(bench.module);
            ScriptedModule wrong = bench.newModule();
            wrong.restoreAs.put("disk", Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 4096, Bench.BLOCKS));
            bench.layer.addModule(wrong);
            assertEquals(State.PARKED, bench.descriptor.bdev().state());
            var failure = assertThrows(StorageException.class, () ->
                wrong.create(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS - 1)));
            assertEquals(-Errno.EINVAL, failure.code());
            bench.script.failsToOpen = true;
            bench.load0();
            assertThrows(StorageException.class, () -> wrong.create(disk()));
            assertEquals(State.PARKED, bench.descriptor.bdev().state());
            bench.script.failsToOpen = false;
            wrong.create(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS + 8));
            assertEquals(State.ONLINE, bench.descriptor.bdev().state());
            world.settle(1);
            assertEquals(List.of("paused", "resumed", "resized 248"), bench.told.events);
            world.on(world.reactor(0), () -> bench.loads.getFirst().start(10));
            bench.closeSome();
        });
    }

    @Test
    void shouldRefuseEverythingWhenTheHostIsRevoked() {
        SimWorld.run(1400, 1, world -> {
            var bench = new Bench(world).disk(disk());
            bench.layer.removeModule(bench.module);
            for (var call : List.<org.junit.jupiter.api.function.Executable>of(
                () -> bench.module.create(disk()), () -> bench.module.host.unregister("disk"),
                () -> bench.module.host.resized("disk", 3))) {
                assertEquals(-Errno.ENODEV, assertThrows(StorageException.class, call).code());
            }
        });
    }
}
