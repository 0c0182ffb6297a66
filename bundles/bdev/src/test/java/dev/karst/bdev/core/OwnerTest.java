package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.MediaEvent;
import dev.karst.bdev.core.limit.Rates;
import dev.karst.bdev.core.fence.Faults;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a descriptor's owner is told: of I/O that takes long, of new sizes, of the medium. */
class OwnerTest {
    private static final int BLOCK = 512;

    /** Keeps what it is told. */
    private final class Owner implements BdevEvents {
        private final List<BdevIo> overdue = new ArrayList<>();
        private final List<Long> ages = new ArrayList<>();
        private final List<Long> sizes = new ArrayList<>();
        private final List<List<MediaEvent>> media = new ArrayList<>();
        private boolean aborts;

        @Override
        public void removed() {}

        @Override
        public void resized(long blocks) {
            sizes.add(blocks);
        }

        @Override
        public void mediaEvents(List<MediaEvent> events) {
            media.add(events);
        }

        @Override
        public void overdue(BdevChannel channel, BdevIo io) {
            assertTrue(channel.reactor().isCurrent(), "told on another reactor");
            overdue.add(io);
            ages.add(world.clock().nanos() - io.startNanos());
            if (aborts) {
                Io abort = new Io(IoType.ABORT, 0);
                abort.victim = io;
                assertEquals(Status.OK, channel.submit(abort));
            }
        }
    }

    /** An I/O that keeps how it ended. */
    private final class Io extends BdevIo {
        private final List<Integer> statuses = new ArrayList<>();

        Io(IoType type, long offset) {
            super(1);
            this.type = type;
            this.offsetBlocks = offset;
            this.blocks = 8;
            data.set(memory, 8 * BLOCK);
        }

        @Override
        protected void ended(int status) {
            statuses.add(status);
        }
    }

    private final SimWorld world = new SimWorld(1, 2);
    private final Bench bench = new Bench(world);
    private final Owner owner = new Owner();
    private final List<BdevChannel> channels = new ArrayList<>();
    private long memory;
    private BdevDescriptor descriptor;

    @BeforeEach
    void setUp() throws Exception {
        memory = world.environment().memory().allocate("data", 8 * BLOCK).address();
        bench.script.abortOneIn = 1;
        bench.script.supported.remove(IoType.FLUSH);
        bench.module.create(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", BLOCK, Bench.BLOCKS).limited(4, 0, 0, 1));
        descriptor = bench.layer.open("disk", true, world.reactor(0), owner);
        for (Reactor reactor : world.reactors().all()) {
            channels.add(world.call(reactor, () -> descriptor.openChannel(reactor)));
        }
    }

    @AfterEach
    void tearDown() {
        world.check();
        world.close();
    }

    private List<Io> submit(int count) throws Exception {
        List<Io> ios = new ArrayList<>();
        for (BdevChannel channel : channels) {
            world.on(channel.reactor(), () -> {
                for (int i = 0; i < count; i++) {
                    Io io = new Io(IoType.READ, 8 * i);
                    ios.add(io);
                    assertEquals(Status.OK, channel.submit(io));
                }
            });
        }
        return ios;
    }

    private void release() throws Exception {
        bench.script.holds = false;
        for (var channel : bench.module.channels) {
            world.on(channel.reactor(), channel::release);
        }
    }

    private void awaitAll(List<Io> ios) {
        world.until(() -> ios.stream().allMatch(io -> !io.isInFlight()));
        ios.forEach(io -> assertEquals(1, io.statuses.size()));
    }

    @Test
    void shouldTellOnceOfEachWhenIoTakesLong() throws Exception {
        descriptor.watch(100);
        bench.script.holds = true;
        List<Io> ios = submit(25);
        world.runFor(95);
        assertEquals(0, owner.overdue.size());
        world.runFor(500);
        assertEquals(ios.size(), owner.overdue.size(), "told of each once, also of what waits or is in parts");
        assertEquals(ios.size(), owner.overdue.stream().distinct().count());
        assertTrue(Collections.min(owner.ages) >= 100_000_000L);
        assertTrue(Collections.max(owner.ages) <= 114_000_000L, Collections.max(owner.ages) + " ns");
        release();
        awaitAll(ios);
    }

    @Test
    void shouldEndEachOnceWhenTheOwnerAbortsWhatTakesLong() throws Exception {
        descriptor.watch(50);
        owner.aborts = true;
        bench.script.holds = true;
        List<Io> ios = submit(25);
        awaitAll(ios);
        ios.forEach(io -> assertEquals(List.of(Status.ABORTED), io.statuses));
        assertEquals(ios.size(), owner.overdue.size());
    }

    @Test
    void shouldTellNothingWhenIoIsFastOrTheTimeOutIsTakenBack() throws Exception {
        descriptor.watch(100);
        awaitAll(submit(20));
        bench.script.holds = true;
        List<Io> ios = submit(3);
        descriptor.watch(0);
        world.runFor(300);
        assertEquals(0, owner.overdue.size());
        release();
        awaitAll(ios);
        assertThrows(IllegalArgumentException.class, () -> descriptor.watch(-1));
    }

    @Test
    void shouldTellOnlyTheOwnerOfTheDescriptorWhenOthersUseTheDevice() throws Exception {
        var other = new Owner();
        BdevDescriptor second = bench.layer.open("disk", true, world.reactor(0), other);
        second.watch(10);
        bench.script.holds = true;
        List<Io> ios = submit(3);
        world.runFor(100);
        assertEquals(0, other.overdue.size());
        release();
        awaitAll(ios);
    }

    @Test
    void shouldAbortWhatTakesLongWhenSoConfiguredAndTheOwnerDoesNotWatch() throws Exception {
        bench.layer.settings(new BlockLayer.Settings(10_000, 2_000, 100, 50, "abort", Faults.Limits.DEFAULT));
        reopen();
        bench.script.holds = true;
        List<Io> ios = submit(5);
        awaitAll(ios);
        ios.forEach(io -> assertEquals(List.of(Status.ABORTED), io.statuses));
    }

    @Test
    void shouldResetTheDeviceWhenSoConfiguredAndTheOwnerDoesNotWatch() throws Exception {
        bench.layer.settings(new BlockLayer.Settings(10_000, 2_000, 100, 50, "reset", Faults.Limits.DEFAULT));
        reopen();
        bench.script.holds = true;
        List<Io> ios = submit(1);
        awaitAll(ios);
        assertEquals(0, owner.overdue.size());
    }

    private void reopen() throws Exception {
        for (BdevChannel channel : List.copyOf(channels)) {
            world.on(channel.reactor(), channel::close);
            channels.remove(channel);
            channels.add(world.call(channel.reactor(), () -> descriptor.openChannel(channel.reactor())));
        }
    }

    @Test
    void shouldFailWhatWaitsBeyondTheEndWhenTheDeviceShrinks() throws Exception {
        bench.script.holds = true;
        bench.script.depth = 1;
        List<Io> ios = submit(30);
        bench.module.host.resized("disk", 100);
        bench.script.depth = 1000;
        release();
        awaitAll(ios);
        for (Io io : ios) {
            int status = io.statuses.getFirst();
            assertTrue(status == Status.OUT_OF_RANGE || io.offsetBlocks + io.blocks <= 100 || io.offsetBlocks == 0,
                io.offsetBlocks + " ended: " + Status.text(status));
            assertTrue(status == Status.OK || io.offsetBlocks + io.blocks > 100, Status.text(status));
        }
        assertEquals(List.of(100L), owner.sizes);
        world.on(world.reactor(1), () -> assertEquals(Status.OUT_OF_RANGE,
            channels.get(1).submit(new Io(IoType.READ, 100))));
    }

    @Test
    void shouldFailWhatARateLimitHoldsBackWhenTheDeviceShrinks() throws Exception {
        bench.layer.lanes().limit(bench.layer.findPresent("disk").orElseThrow(), new Rates(1000, 0, 0, 0));
        List<Io> ios = submit(30);
        bench.module.host.resized("disk", 100);
        awaitAll(ios);
        assertTrue(ios.stream().anyMatch(io -> io.statuses.contains(Status.OUT_OF_RANGE)));
    }

    @Test
    void shouldReachTheNewBlocksFromAllReactorsWhenToldOfThem() throws Exception {
        bench.module.host.resized("disk", 400);
        List<Io> ios = new ArrayList<>();
        for (BdevChannel channel : channels) {
            world.on(channel.reactor(), () -> {
                ios.add(new Io(IoType.FLUSH, 392));
                assertEquals(Status.OK, channel.submit(ios.getLast()));
            });
        }
        world.until(() -> owner.sizes.equals(List.of(400L)));
        awaitAll(ios);
        ios.forEach(io -> assertEquals(List.of(Status.OK), io.statuses));
    }

    @Test
    void shouldTellOfTheMediumInBatchesWhenTheModuleDoes() throws Exception {
        List<MediaEvent> two = List.of(new MediaEvent(0, 8), new MediaEvent(16, 8));
        bench.module.host.mediaEvents("disk", two);
        world.until(() -> !owner.media.isEmpty());
        assertEquals(List.of(two), owner.media);
        var outside = assertThrows(StorageException.class,
            () -> bench.module.host.mediaEvents("disk", List.of(new MediaEvent(Bench.BLOCKS, 1))));
        assertEquals(-Errno.EINVAL, outside.code());
    }

    @Test
    void shouldTellOfTheWholeDeviceWhenThereAreMoreEventsThanFit() throws Exception {
        List<MediaEvent> many = LongStream.range(0, 100).mapToObj(block -> new MediaEvent(block, 1)).toList();
        bench.module.host.mediaEvents("disk", many);
        world.until(() -> !owner.media.isEmpty());
        assertEquals(List.of(List.of(new MediaEvent(0, Bench.BLOCKS))), owner.media);
    }
}
