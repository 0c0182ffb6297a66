package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.BdevStatistics;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.limit.Rates;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.Geometry;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Rate limits: honest over a second, in order, and out of the way of all else. */
class LimitSimTest {
    private static final int BLOCK = 4096;
    private static final int MOST_BLOCKS = 8;

    /** Submits again whatever has ended, from one reactor. */
    private static final class Flood {
        private final SimRandom random;
        private final BdevChannel channel;
        private final int percentReads;
        private boolean stopped;
        private int running;
        private final List<Integer> statuses = new ArrayList<>();

        Flood(SimWorld world, BdevChannel channel, int percentReads) {
            this.random = world.random().split();
            this.channel = channel;
            this.percentReads = percentReads;
        }

        private final class Request extends BdevIo {
            private boolean inside;

            Request() {
                super(1);
            }

            void submit(long address) {
                type = random.below(100) < percentReads ? IoType.READ : IoType.WRITE;
                blocks = 1 + random.below(MOST_BLOCKS);
                offsetBlocks = random.below((int) (Bench.BLOCKS - blocks));
                data.set(address, (int) blocks * BLOCK);
                inside = true;
                assertEquals(Status.OK, channel.submit(this));
                running++;
            }

            @Override
            protected void ended(int status) {
                assertTrue(inside, "ended twice");
                inside = false;
                running--;
                statuses.add(status);
                if (!stopped) {
                    submit(data.address(0));
                }
            }
        }

        void begin(SimWorld world, int depth) throws StorageException {
            long address = world.environment().memory().allocate("flood", MOST_BLOCKS * BLOCK).address();
            for (int i = 0; i < depth; i++) {
                new Request().submit(address);
            }
        }
    }

    private static Bench bench(SimWorld world) throws Exception {
        var bench = new Bench(world);
        bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", BLOCK, Bench.BLOCKS));
        return bench;
    }

    private static List<Flood> flood(Bench bench, int depth, int percentReads) throws Exception {
        List<Flood> floods = new ArrayList<>();
        for (Reactor reactor : bench.world.reactors().all()) {
            floods.add(bench.world.call(reactor, () -> {
                var flood = new Flood(bench.world, bench.descriptor.openChannel(reactor), percentReads);
                flood.begin(bench.world, depth);
                return flood;
            }));
        }
        return floods;
    }

    private static void end(Bench bench, List<Flood> floods) throws Exception {
        floods.forEach(flood -> flood.stopped = true);
        limit(bench, Rates.NONE);
        bench.world.until(() -> floods.stream().allMatch(flood -> flood.running == 0));
        assertEquals(0, floods.stream().flatMap(flood -> flood.statuses.stream()).filter(s -> s != Status.OK).count());
        for (Reactor reactor : bench.world.reactors().all()) {
            bench.world.on(reactor, () -> floods.get(reactor.id()).channel.close());
        }
        bench.descriptor.close();
        bench.layer.close();
    }

    private static void limit(Bench bench, Rates rates) throws StorageException {
        bench.layer.lanes().limit(bench.layer.findPresent("disk").orElseThrow(), rates);
    }

    /** What is done in one second. */
    private static Done second(Bench bench) {
        BdevStatistics before = bench.descriptor.bdev().statistics();
        long begin = bench.world.clock().nanos();
        bench.world.until(() -> bench.world.clock().nanos() - begin >= 1_000_000_000);
        BdevStatistics after = bench.descriptor.bdev().statistics();
        double second = (bench.world.clock().nanos() - begin) / 1e9;
        assertTrue(second < 1.001);
        long read = after.readBytes() - before.readBytes();
        long written = after.writtenBytes() - before.writtenBytes();
        return new Done(after.reads() + after.writes() - before.reads() - before.writes(), read, written);
    }

    /** I/Os, and bytes. */
    private record Done(long ios, long read, long written) {}

    /** No limit is passed, and the one that matters is reached, both within 2 % of a second and what is under way. */
    private static void checkHonest(Rates limit, Done done, int reactors) {
        long slack = (long) MOST_BLOCKS * BLOCK * reactors;
        double[] parts = {
            part(done.ios, limit.ios(), reactors), part(done.read + done.written, limit.mebibytes() << 20, slack),
            part(done.read, limit.readMebibytes() << 20, slack),
            part(done.written, limit.writtenMebibytes() << 20, slack)};
        double most = 0;
        for (double part : parts) {
            most = Math.max(most, part);
        }
        assertTrue(most <= 1.02, done + " at " + limit);
        assertTrue(most >= 0.98, done + " at " + limit);
    }

    /** How much of a limit was used, what was under way at either end taken in its favour. */
    private static double part(long done, long limit, long slack) {
        if (limit == 0) {
            return 0;
        }
        return done > limit ? (double) Math.max(limit, done - slack) / limit : (double) Math.min(limit, done + slack) / limit;
    }

    private static Rates randomRates(SimRandom random) {
        long ios = random.oneIn(2) ? 0 : 1000L * (1 + random.below(12));
        long both = random.oneIn(2) ? 0 : 4 + random.below(40);
        long read = random.oneIn(2) ? 0 : 4 + random.below(20);
        Rates rates = new Rates(ios, both, read, random.oneIn(2) ? 0 : 4 + random.below(20));
        return rates.isNone() || rates.ios() == 0 && rates.mebibytes() == 0 ? new Rates(5000, 0, read, 0) : rates;
    }

    @Test
    void shouldKeepEachLimitWithinTwoPercentWhenFloodedFromAllReactors() {
        SimWorld.run(1, 40, world -> {
            Bench bench = bench(world);
            Rates rates = randomRates(bench.random);
            limit(bench, rates);
            List<Flood> floods = flood(bench, 16, bench.random.below(101));
            world.runFor(30);
            checkHonest(rates, second(bench), floods.size());
            end(bench, floods);
        });
    }

    @Test
    void shouldFindALimitThatIsWrongByThreePercentWhenChecked() {
        SimWorld.run(1, 2, world -> {
            Bench bench = bench(world);
            limit(bench, new Rates(0, 100, 0, 0));
            List<Flood> floods = flood(bench, 16, 50);
            world.runFor(30);
            Done done = second(bench);
            checkHonest(new Rates(0, 100, 0, 0), done, floods.size());
            assertThrows(AssertionError.class, () -> checkHonest(new Rates(0, 97, 0, 0), done, floods.size()));
            assertThrows(AssertionError.class, () -> checkHonest(new Rates(0, 103, 0, 0), done, floods.size()));
            end(bench, floods);
        });
    }

    @Test
    void shouldShareInEqualPartsWhenSeveralReactorsFlood() throws Exception {
        try (var world = new SimWorld(3, 3)) {
            Bench bench = bench(world);
            limit(bench, new Rates(6000, 0, 0, 0));
            List<Flood> floods = flood(bench, 16, 100);
            world.runFor(1000);
            for (Flood flood : floods) {
                assertEquals(2000, flood.statuses.size(), 100, "one of three");
            }
            end(bench, floods);
        }
    }

    @Test
    void shouldLetOneReactorHaveAllWhenTheOthersWantLittle() throws Exception {
        try (var world = new SimWorld(4, 3)) {
            Bench bench = bench(world);
            limit(bench, new Rates(6000, 0, 0, 0));
            List<Flood> floods = flood(bench, 0, 100);
            world.on(world.reactor(1), () -> begin(floods.get(1), world, 16));
            world.runFor(1000);
            assertEquals(6000, floods.get(1).statuses.size(), 120);
            end(bench, floods);
        }
    }

    private static void begin(Flood flood, SimWorld world, int depth) {
        try {
            flood.begin(world, depth);
        } catch (StorageException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldNotPassTheLimitInAnySecondWhenIoComesInBursts() throws Exception {
        try (var world = new SimWorld(5, 1)) {
            Bench bench = bench(world);
            bench.script.inlineOneIn = 1;
            limit(bench, new Rates(2000, 0, 0, 0));
            List<Flood> floods = flood(bench, 0, 100);
            List<Long> times = new ArrayList<>();
            for (int burst = 0; burst < 25; burst++) {
                floods.getFirst().stopped = true;
                int depth = 1 + bench.random.below(300);
                world.on(world.reactor(0), () -> begin(floods.getFirst(), world, depth));
                for (int ms = bench.random.below(200); ms > 0; ms--) {
                    world.runFor(1);
                    while (times.size() < floods.getFirst().statuses.size()) {
                        times.add(world.clock().nanos());
                    }
                }
            }
            assertTrue(times.size() > 2040, "only " + times.size());
            for (int i = 0; i < times.size(); i++) {
                long from = times.get(i);
                long within = times.stream().skip(i).filter(time -> time - from < 1_000_000_000).count();
                assertTrue(within <= 2040, within + " in a second");
            }
            end(bench, floods);
        }
    }

    @Test
    void shouldGoInOrderWhenHeldBack() throws Exception {
        try (var world = new SimWorld(6, 1)) {
            Bench bench = bench(world);
            bench.script.inlineOneIn = 1;
            bench.script.seen = new ArrayList<>();
            limit(bench, new Rates(1000, 0, 0, 0));
            List<Flood> floods = flood(bench, 0, 100);
            Flood flood = floods.getFirst();
            flood.stopped = true;
            long address = world.environment().memory().allocate("ordered", BLOCK).address();
            world.on(world.reactor(0), () -> {
                for (int i = 0; i < 100; i++) {
                    Flood.Request request = flood.new Request();
                    request.type = IoType.READ;
                    request.offsetBlocks = i;
                    request.blocks = 1;
                    request.data.set(address, BLOCK);
                    request.inside = true;
                    flood.running++;
                    assertEquals(Status.OK, flood.channel.submit(request));
                }
            });
            world.until(() -> flood.running == 0);
            assertEquals(LongStream.range(0, 100).boxed().toList(), bench.script.seen);
            end(bench, floods);
        }
    }

    @Test
    void shouldEndEachOnceWhenLimitsChangeAndModulesAreReplacedUnderLoad() {
        SimWorld.run(100, 60, world -> {
            var bench = new Bench(world);
            bench.disk(bench.randomDisk());
            boolean resets = bench.random.oneIn(2);
            bench.load(0, IoType.READ, IoType.WRITE, IoType.WRITE, resets ? IoType.RESET : IoType.FLUSH);
            bench.loads.forEach(load -> {
                load.abortOneIn = resets ? 0 : 6;
                load.allowed = List.of(Status.ABORTED);
            });
            limit(bench, new Rates(1000, 0, 0, 0));
            world.reactors().all().forEach(reactor -> reactor.execute(() -> bench.loads.get(reactor.id()).start(100)));
            for (int i = 0; i < 8; i++) {
                world.runFor(bench.random.below(5));
                limit(bench, bench.random.oneIn(4) ? Rates.NONE : randomRates(bench.random));
                if (bench.random.oneIn(3)) {
                    bench.layer.removeModule(bench.module);
                    world.runFor(bench.random.below(3));
                    bench.module = bench.newModule();
                    bench.layer.addModule(bench.module);
                }
            }
            world.until(bench::allDone);
            for (Lane lane : bench.layer.findPresent("disk").orElseThrow().lanes) {
                assertEquals(0, lane.gate.limiter.size());
                assertFalse(lane.gate.limiter.isScheduled(), "a timer runs and nothing waits");
            }
            bench.end();
        });
    }

    @Test
    void shouldEndWithRemovedWhenTheDeviceGoesAndIoIsHeldBack() throws Exception {
        try (var world = new SimWorld(8, 2)) {
            Bench bench = bench(world);
            limit(bench, new Rates(1000, 0, 0, 0));
            List<Flood> floods = flood(bench, 200, 50);
            floods.forEach(flood -> flood.stopped = true);
            world.runFor(5);
            long before = world.clock().nanos();
            bench.module.host.unregister("disk");
            assertTrue(floods.stream().allMatch(flood -> flood.running == 0));
            assertTrue(floods.stream().anyMatch(flood -> flood.statuses.contains(Status.REMOVED)));
            assertTrue(world.clock().nanos() - before < 3_000_000_000L);
        }
    }

    @Test
    void shouldAnswerAsSpdkWhenSetByACall() throws Exception {
        try (var world = new SimWorld(9, 1)) {
            Bench bench = bench(world);
            var front = new BdevFront(bench.layer);
            assertEquals(true, Calls.call(front, "bdev_set_qos_limit", "name", "disk", "rw_ios_per_sec", 5L));
            assertEquals(true, Calls.call(front, "bdev_set_qos_limit", "name", "disk", "r_mbytes_per_sec", 7L));
            Map<?, ?> shown = (Map<?, ?>) ((List<?>) Calls.call(front, "bdev_get_bdevs")).getFirst();
            assertEquals(Map.of("rw_ios_per_sec", 1000L, "rw_mbytes_per_sec", 0L, "r_mbytes_per_sec", 7L,
                "w_mbytes_per_sec", 0L), shown.get("assigned_rate_limits"));
            var saved = front.calls().getLast();
            assertEquals("bdev_set_qos_limit", saved.method());
            assertEquals(Map.of("name", "disk", "rw_ios_per_sec", 1000L, "r_mbytes_per_sec", 7L), saved.parameters());
            assertThrows(StorageException.class, () -> Calls.call(front, "bdev_set_qos_limit", "name", "disk"));
            Calls.call(front, "bdev_set_qos_limit", "name", "disk", "rw_ios_per_sec", 0L, "r_mbytes_per_sec", 0L);
            assertEquals(1, front.calls().size());
        }
    }
}
