package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.bdev.Bdev;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A block layer that is restarted by itself: the next one in the process has its devices again. */
class RestartSimTest {
    private static final Geometry DISK = Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS);

    private static List<String> names(BlockLayer layer) {
        return layer.all().stream().map(Bdev::name).toList();
    }

    @Test
    void shouldHaveAllDevicesAgainWhenModulesComeInAnyOrder() {
        SimWorld.run(1, 20, world -> {
            var bench = new Bench(world);
            bench.module.create(DISK);
            var top = new OnTopModule();
            bench.layer.addModule(top);
            top.create();
            bench.layer.close();
            assertEquals(List.of(), names(bench.layer));

            var next = new BlockLayer(world.environment(), world.reactors());
            boolean topFirst = world.random().oneIn(2);
            if (topFirst) {
                next.addModule(new OnTopModule());
            }
            assertEquals(List.of(), names(next));
            ScriptedModule module = bench.newModule();
            next.addModule(module);
            if (!topFirst) {
                next.addModule(new OnTopModule());
            }
            assertEquals(List.of("disk", "top"), names(next));
            assertTrue(next.all().stream().allMatch(bdev -> bdev.state() == State.ONLINE));
            assertEquals(OnTopModule.NAME, next.find("disk").orElseThrow().claimedBy());
            next.close();
            assertEquals(List.of("disk parked"), module.destroyed);
        });
    }

    @Test
    void shouldHoldWhatWasWrittenWhenItIsRestartedAfterLoad() {
        SimWorld.run(100, 20, world -> {
            Bench bench = new Bench(world).disk(DISK).load(100, IoType.WRITE, IoType.READ);
            world.until(bench::allDone);
            bench.closeLoads();
            bench.descriptor.close();
            bench.layer.close();
            var next = new BlockLayer(world.environment(), world.reactors());
            next.addModule(bench.newModule());
            assertEquals(Bench.BLOCKS, next.find("disk").orElseThrow().blocks());
            assertFalse(next.hasLostDevice());
            next.close();
        });
    }

    @Test
    void shouldGiveUpWhenNoModuleComes() {
        SimWorld.run(200, 5, world -> {
            var bench = new Bench(world);
            bench.module.create(DISK);
            bench.layer.close();
            var next = new BlockLayer(world.environment(), world.reactors());
            world.runFor(9_000);
            assertFalse(next.hasLostDevice());
            world.runFor(2_000);
            assertTrue(next.hasLostDevice());
            next.addModule(bench.newModule());
            assertEquals(List.of(), names(next));
            next.close();
        });
    }

    @Test
    void shouldKeepTheOrderWhenALaterModuleComesFirst() {
        SimWorld.run(400, 5, world -> {
            var bench = new Bench(world);
            var other = new ScriptedModule("other", bench.script, bench.stores);
            bench.layer.addModule(other);
            bench.module.create(DISK);
            other.create(Geometry.of("second", new UUID(8, 8), "Scripted disk", 512, Bench.BLOCKS));
            bench.layer.close();
            var next = new BlockLayer(world.environment(), world.reactors());
            next.addModule(new ScriptedModule("other", bench.script, bench.stores));
            ScriptedModule module = bench.newModule();
            next.addModule(module);
            module.create(Geometry.of("new", new UUID(9, 9), "Scripted disk", 512, Bench.BLOCKS));
            assertEquals(List.of("disk", "second", "new"), names(next));
            next.close();
        });
    }

    @Test
    void shouldLeaveWhatDidNotComeYetWhenItIsRestartedOnceMore() {
        SimWorld.run(300, 5, world -> {
            var bench = new Bench(world);
            bench.module.create(DISK);
            bench.layer.close();
            new BlockLayer(world.environment(), world.reactors()).close();
            var next = new BlockLayer(world.environment(), world.reactors());
            next.addModule(bench.newModule());
            assertEquals(List.of("disk"), names(next));
            next.close();
        });
    }

    /** Brings a device back slowly; who asks for the registry meanwhile, to create one, waits. */
    private static final class SlowModule implements BdevModule {
        final CountDownLatch asked = new CountDownLatch(1);
        final List<String> steps = Collections.synchronizedList(new ArrayList<>());
        private volatile BdevHost host;

        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public void start(BdevHost host) {
            this.host = host;
        }

        @Override
        public void stop() {}

        @Override
        public void restore(CreationRecord record) {
            Thread client = Thread.ofPlatform().start(() -> {
                asked.countDown();
                host.registry();
                steps.add("client");
            });
            try {
                asked.await();
                client.join(100);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            host.registry();
            steps.add("restored");
        }
    }

    @Test
    void shouldHaveClientsWaitWhenAModuleBringsItsDevicesBack() {
        SimWorld.run(500, 1, world -> {
            var bench = new Bench(world);
            bench.module.create(DISK);
            bench.layer.close();
            var next = new BlockLayer(world.environment(), world.reactors());
            var module = new SlowModule();
            next.addModule(module);
            while (module.steps.size() < 2) {
                Thread.onSpinWait();
            }
            assertEquals(List.of("restored", "client"), module.steps);
            next.close();
        });
    }
}
