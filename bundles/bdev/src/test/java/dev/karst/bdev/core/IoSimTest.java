package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random I/O on a module that is late, out of order and short of room, on devices of all limits. */
class IoSimTest {
    private static final IoType[] ALL =
        {IoType.READ, IoType.READ, IoType.WRITE, IoType.WRITE, IoType.FLUSH, IoType.UNMAP, IoType.WRITE_ZEROES,
            IoType.COMPARE, IoType.COMPARE_AND_WRITE, IoType.COPY, IoType.VERIFY};

    private static Bench bench(SimWorld world) throws Exception {
        var bench = new Bench(world);
        bench.script.refuseOneIn = bench.random.oneIn(3) ? 0 : 2 + bench.random.below(4);
        bench.script.inlineOneIn = bench.random.below(5);
        bench.script.depth = bench.random.oneIn(2) ? 1 + bench.random.below(4) : 1000;
        return bench.disk(bench.randomDisk());
    }

    @Test
    void shouldEndEachOnceWithTheRightDataWhenTheModuleIsLateAndShortOfRoom() {
        long strays = BdevChannel.strayCompletions();
        SimWorld.run(1, 300, world -> {
            Bench bench = bench(world).load(150, ALL);
            bench.end();
            assertEquals(List.of("disk parked"), bench.module.destroyed);
        });
        assertEquals(strays, BdevChannel.strayCompletions());
    }

    @Test
    void shouldWriteWholeUnitsWhenTheDeviceAsksForThem() {
        SimWorld.run(600, 60, world -> {
            var bench = new Bench(world);
            bench.script.compareAndWriteBlocks = 4;
            if (bench.random.oneIn(2)) {
                bench.script.supported.remove(IoType.WRITE_ZEROES);
            }
            var limits = new Geometry.Limits(
                4L + bench.random.below(9), bench.random.below(9), 0, 0, 1 << bench.random.below(10), 8, 4);
            bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS).limited(limits)
                .with(512, false, false, true));
            bench.load(100, ALL).end();
        });
    }

    @Test
    void shouldServeAllWaitersWhenChannelsAreFull() {
        SimWorld.run(1000, 60, world -> {
            var bench = new Bench(world);
            bench.layer.settings(new BlockLayer.Settings(10_000, 2_000, 3));
            bench.disk(bench.randomDisk()).load(100, ALL);
            bench.end();
        });
    }

    @Test
    void shouldEndWithAbortedOrOkWhenSubmittersAbort() {
        SimWorld.run(2000, 100, world -> {
            Bench bench = bench(world);
            bench.load(0, ALL);
            bench.loads.forEach(load -> {
                load.abortOneIn = 3;
                load.allowed = List.of(Status.ABORTED);
            });
            world.reactors().all().forEach(reactor -> reactor.execute(() -> bench.loads.get(reactor.id()).start(150)));
            bench.end();
        });
    }

    @Test
    void shouldGoOnWhenDevicesAreResetUnderLoad() {
        SimWorld.run(3000, 100, world -> {
            Bench bench = bench(world);
            bench.load(0, IoType.READ, IoType.WRITE, IoType.WRITE, IoType.WRITE_ZEROES, IoType.RESET,
                IoType.COMPARE, IoType.COMPARE_AND_WRITE, IoType.COPY);
            bench.loads.forEach(load -> load.allowed = List.of(Status.ABORTED));
            world.reactors().all().forEach(reactor -> reactor.execute(() -> bench.loads.get(reactor.id()).start(120)));
            bench.end();
        });
    }

    @Test
    void shouldKeepTheModulesChannelOpenWhenItHoldsAResetThatNobodyWaitsFor() {
        SimWorld.run(3500, 10, 1, world -> {
            var bench = new Bench(world);
            bench.script.holds = true;
            bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS));
            bench.load0(IoType.RESET);
            bench.loads.getFirst().allowed = List.of(Status.TIMED_OUT);
            world.on(world.reactor(0), () -> bench.loads.getFirst().start(1));
            world.until(bench::allDone);
            bench.closeLoads();
            world.settle(1);
            ScriptedModule.ScriptedChannel channel = bench.module.channels.getFirst();
            assertEquals(1, channel.inside());
            assertEquals(false, channel.closed);
            world.on(world.reactor(0), channel::release);
            world.settle(1);
            assertTrue(channel.closed);
            bench.descriptor.close();
            bench.layer.close();
        });
    }

    @Test
    void shouldBeTheSameRunWhenTheSeedIsTheSame() {
        long[] hashes = new long[2];
        for (int i = 0; i < 2; i++) {
            int run = i;
            SimWorld.run(77, 1, world -> {
                bench(world).load(100, ALL).end();
                hashes[run] = world.traceHash();
            });
        }
        assertEquals(hashes[0], hashes[1]);
    }

    @Test
    void shouldTellTimeAndBytesWhenAsked() {
        SimWorld.run(4000, 5, world -> {
            Bench bench = bench(world).load(100, IoType.READ);
            world.until(bench::allDone);
            var statistics = bench.layer.find("disk").orElseThrow().statistics();
            assertEquals(bench.done(), statistics.reads());
            assertEquals(0, statistics.errors());
            assertTrue(statistics.readBytes() > 0);
            bench.end();
        });
    }
}
