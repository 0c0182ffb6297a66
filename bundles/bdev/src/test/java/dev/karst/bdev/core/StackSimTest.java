package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A device on a device: each module can be replaced, also while the other is away. */
class StackSimTest {
    private static final IoType[] TYPES = {IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.COMPARE,
        IoType.COMPARE_AND_WRITE, IoType.COPY};

    private static OnTopModule stack(Bench bench) throws Exception {
        var top = new OnTopModule();
        bench.layer.addModule(top);
        bench.module.create(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS)
            .limited(4, 0, 0, 1));
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
}
