package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.fence.Faults;
import dev.karst.bdev.core.notice.Notices;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.lang.reflect.Proxy;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;

/** A module that misbehaves is fenced, whatever it does wrong; the one beside it notices nothing, and its successor serves. */
class FenceSimTest {
    private static final int FAULTS = 8;
    private static final long HELD_MS = 8;
    private static final long DRAIN_MS = 6;
    private static final IoType[] TYPES = {IoType.READ, IoType.READ, IoType.WRITE, IoType.UNMAP, IoType.COMPARE_AND_WRITE};

    private static Bench bench(SimWorld world, ScriptedModule.Bug bug) throws Exception {
        var bench = new Bench(world);
        bench.layer.settings(new BlockLayer.Settings(10_000, DRAIN_MS, 64, 0, "log", new Faults.Limits(FAULTS, 60_000, HELD_MS)));
        bench.script.bug = bug;
        bench.script.bugOneIn = 3;
        return bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS + OnTopModule.SHIFT));
    }

    /** A module that does everything right, under load on the first reactor until it is stopped. */
    private static final class Neighbour {
        private final Bench bench;
        private final BdevDescriptor descriptor;
        final Load load;

        Neighbour(Bench bench) throws Exception {
            this.bench = bench;
            var world = bench.world;
            var good = new ScriptedModule("good", new ScriptedModule.Script(bench.random.split()), new HashMap<>());
            bench.layer.addModule(good);
            good.create(Geometry.of("good", new UUID(8, 8), "Scripted disk", 512, Bench.BLOCKS));
            descriptor = bench.layer.open("good", true, world.reactor(0), new Bench.Told());
            var range = new Load.Range(0, Bench.BLOCKS, world.environment().memory());
            load = world.call(world.reactor(0),
                () -> new Load(bench.random.split(), descriptor, world.reactor(0), range, 8, TYPES));
            world.on(world.reactor(0), () -> load.start(1_000_000));
        }

        void end() throws Exception {
            bench.world.on(bench.world.reactor(0), load::stop);
            bench.world.until(load::isDone);
            assertEquals(0, load.failed);
            bench.world.on(bench.world.reactor(0), load::close);
            descriptor.close();
        }
    }

    private static CoreBdev disk(Bench bench) {
        return bench.layer.findPresent("disk").orElseThrow();
    }

    /** Any end will do; what is refused ends the load. */
    private static void load(Bench bench) throws Exception {
        bench.load(0, TYPES);
        bench.loads.forEach(load -> load.allowed = null);
        for (var reactor : bench.world.reactors().all()) {
            bench.world.on(reactor, () -> bench.loads.get(reactor.id()).start(100_000));
        }
    }

    private static Object call(Bench bench, String method) throws Exception {
        return Calls.call(new BdevFront(bench.layer), method, "name", "disk");
    }

    private static void checkTold(Bench bench, String why) throws Exception {
        assertEquals("fenced", ((Map<?, ?>) call(bench, "karst_bdev_show")).get("state"));
        assertEquals(why, ((Map<?, ?>) call(bench, "karst_bdev_show")).get("fenced"));
        assertEquals(why, ((Map<?, ?>) ((List<?>) call(bench, "bdev_get_bdevs")).getFirst()).get("fenced"));
        assertTrue(bench.layer.notices().from(0, 100).stream().anyMatch(notice -> notice.kind() == Notices.Kind.BDEV_FENCE));
    }

    /** A version without the bug takes over, and all is well. */
    private static void replace(Bench bench) throws Exception {
        ScriptedModule old = bench.module;
        bench.layer.removeModule(old);
        bench.script.bug = ScriptedModule.Bug.NONE;
        bench.script.holds = false;
        bench.module = bench.newModule();
        bench.layer.addModule(bench.module);
        assertNull(disk(bench).fence());
        for (Load load : bench.loads) {
            load.stop();
        }
        for (var channel : List.copyOf(old.channels)) {
            bench.world.on(channel.reactor(), channel::release);
        }
        bench.world.until(bench::allDone);
        start(bench, 50);
        bench.world.until(bench::allDone);
        assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
    }

    @ParameterizedTest
    @EnumSource(value = ScriptedModule.Bug.class, names = {"THROWS", "ENDS_AGAIN", "FORGETS"})
    void shouldFenceTheModuleAndNobodyElseWhenItHasTheBug(ScriptedModule.Bug bug) {
        SimWorld.run(1, 20, world -> {
            Bench bench = bench(world, bug);
            var neighbour = new Neighbour(bench);
            load(bench);
            world.until(() -> disk(bench).fence() != null);
            checkTold(bench, disk(bench).fence());
            int before = neighbour.load.done;
            world.runFor(2 * DRAIN_MS);
            assertTrue(neighbour.load.done > before);
            for (Load load : bench.loads) {
                world.on(world.reactor(0), () -> assertTrue(load.inFlight() == 0 || bug == ScriptedModule.Bug.FORGETS));
                assertTrue(load.lastRefusal() == Status.FAILED || bug == ScriptedModule.Bug.FORGETS);
            }
            replace(bench);
            neighbour.end();
            bench.end();
        });
    }

    @Test
    void shouldEndWhatWaitsAndKeepWhatTheModuleHoldsWhenItIsFenced() {
        SimWorld.run(100, 20, 1, world -> {
            Bench bench = bench(world, ScriptedModule.Bug.NONE);
            hold(bench, Status.FAILED);
            world.runFor(2 * DRAIN_MS);
            int inside = bench.module.channels.getFirst().inside();
            assertEquals(inside, inFlight(bench));
            replace(bench);
            bench.end();
        });
    }

    /** Holds writes, on each reactor, until the device is fenced; only what the module holds is still in flight. */
    private static void hold(Bench bench, int... allowed) throws Exception {
        bench.script.holds = true;
        bench.script.depth = 2;
        bench.script.abortOneIn = 0;
        bench.load(0, IoType.WRITE);
        bench.loads.forEach(load -> load.allowed = Arrays.stream(allowed).boxed().toList());
        start(bench, 6);
        bench.world.until(() -> disk(bench).fence() != null);
    }

    private static void start(Bench bench, int ios) throws Exception {
        for (var reactor : bench.world.reactors().all()) {
            Load load = bench.loads.get(reactor.id());
            load.failed = 0;
            bench.world.on(reactor, () -> load.start(ios));
        }
    }

    private static int inFlight(Bench bench) {
        return bench.loads.stream().mapToInt(Load::inFlight).sum();
    }

    @Test
    void shouldTakeIoAgainWhenTheModuleHasEndedWhatItHeld() {
        SimWorld.run(150, 20, world -> {
            Bench bench = bench(world, ScriptedModule.Bug.NONE);
            hold(bench, Status.FAILED);
            if (bench.random.oneIn(2)) {
                world.runFor(2 * DRAIN_MS);
            }
            bench.script.holds = false;
            for (var channel : bench.module.channels) {
                world.on(channel.reactor(), channel::release);
            }
            world.until(() -> disk(bench).fence() == null);
            assertTrue(bench.layer.notices().from(0, 100).stream().anyMatch(notice -> notice.kind() == Notices.Kind.BDEV_UNFENCE));
            world.until(bench::allDone);
            start(bench, 50);
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldStayFencedWhenTheModuleLetGoOfWhatItHeld() {
        SimWorld.run(170, 5, world -> {
            Bench bench = bench(world, ScriptedModule.Bug.NONE);
            bench.script.abandons = true;
            hold(bench, Status.FAILED, Status.ABORTED);
            world.runFor(4 * DRAIN_MS);
            assertEquals(0, inFlight(bench));
            assertNotNull(disk(bench).fence());
            replace(bench);
            bench.end();
        });
    }

    @Test
    void shouldNameTheBundleWithItsVersionWhenItsModuleIsFenced() {
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger(Fencing.class.getName());
        Handler handler = lines(lines);
        logger.addHandler(handler);
        try {
            SimWorld.run(180, 1, world -> {
                Bench bench = bench(world, ScriptedModule.Bug.NONE);
                bench.layer.removeModule(bench.module);
                bench.module = bench.newModule();
                bench.layer.bindModule(bench.module, from("some.bundle", "1.2.3"));
                hold(bench, Status.FAILED);
                replace(bench);
                bench.end();
            });
        } finally {
            logger.removeHandler(handler);
        }
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().startsWith("The module scripted (some.bundle 1.2.3) is fenced, with disk: "), lines::toString);
    }

    private static ServiceReference<BdevModule> from(String name, String version) {
        Bundle bundle = answering(Bundle.class, Map.of("getSymbolicName", name, "getVersion", new Version(version)));
        @SuppressWarnings("unchecked")
        ServiceReference<BdevModule> reference = answering(ServiceReference.class, Map.of("getBundle", bundle));
        return reference;
    }

    private static <T> T answering(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
            (_, method, _) -> answers.get(method.getName())));
    }

    private static Handler lines(List<String> into) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                into.add(MessageFormat.format(line.getMessage(), line.getParameters()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    @Test
    void shouldNotFenceAStackedModuleForWhatIsHeldBelow() {
        SimWorld.run(200, 20, world -> {
            Bench bench = bench(world, ScriptedModule.Bug.NONE);
            bench.descriptor.close();
            bench.script.holds = true;
            bench.script.abortOneIn = 0;
            var top = new OnTopModule();
            bench.layer.addModule(top);
            top.create();
            bench.descriptor = bench.layer.open(OnTopModule.NAME, true, world.reactor(0), bench.told);
            bench.load(4, IoType.READ);
            world.until(() -> disk(bench).fence() != null);
            world.runFor(2 * DRAIN_MS);
            assertNull(bench.layer.findPresent(OnTopModule.NAME).orElseThrow().fence());
            var channels = new ArrayList<>(bench.module.channels);
            bench.loads.forEach(load -> load.allowed = null);
            for (var channel : channels) {
                world.on(channel.reactor(), channel::release);
            }
            world.until(bench::allDone);
            bench.end();
        });
    }

    @Test
    void shouldCountFaultsOfOneWindowOnly() {
        var faults = new Faults();
        var limits = new Faults.Limits(3, 1_000, 0);
        assertNull(faults.add("one", 0, limits));
        assertNull(faults.add("two", 1, limits));
        assertNull(faults.add("three", 2_000_000_000L, limits));
        assertNull(faults.add("four", 2_000_000_001L, limits));
        assertEquals("3 faults of its module in 1000 ms, the last: it five", faults.add("five", 2_000_000_002L, limits));
        assertNull(faults.add("six", 2_000_000_003L, limits));
    }
}
