package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.Protection;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Devices that keep metadata with each block, with and without protection information, hidden and not. */
class MetadataSimTest {
    private static final int ALL = Metadata.GUARD | Metadata.APPLICATION_TAG | Metadata.REFERENCE_TAG;
    private static final List<Metadata> FORMATS = List.of(
        new Metadata(8, true, 1, true, ALL), new Metadata(8, false, 1, false, ALL), new Metadata(16, true, 2, false, ALL),
        new Metadata(64, false, 3, true, Metadata.GUARD), new Metadata(8, true, 0, false, 0),
        new Metadata(64, false, 0, false, 0), new Metadata(16, true, 1, false, ALL, ProtectionLayout.GUARD_64),
        new Metadata(32, false, 2, true, ALL, ProtectionLayout.GUARD_32));
    private static final IoType[] ALL_TYPES = {IoType.READ, IoType.WRITE, IoType.WRITE, IoType.COMPARE,
        IoType.COMPARE_AND_WRITE, IoType.COPY, IoType.VERIFY, IoType.WRITE_ZEROES, IoType.UNMAP};

    private static Geometry disk(Metadata metadata, int data) {
        int size = metadata.interleaved() ? data + metadata.bytes() : data;
        return Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", size, Bench.BLOCKS).keeping(metadata)
            .with(size, false, false, true);
    }

    private static Bench bench(SimWorld world, Metadata metadata, boolean hides) throws Exception {
        var bench = new Bench(world);
        bench.script.refuseOneIn = bench.random.oneIn(2) ? 0 : 3;
        bench.script.compareAndWriteBlocks = 3;
        if (bench.random.oneIn(2)) {
            bench.script.supported.remove(IoType.WRITE_ZEROES);
        }
        bench.hides = hides;
        return bench.disk(disk(metadata, bench.random.oneIn(2) ? 512 : 4096).limited(
            new Geometry.Limits(bench.random.below(9) + 3L, 0, 0, 0, 1, bench.random.oneIn(2) ? 0 : 8, 1)));
    }

    /** All that lies in the store is protected as it should be. */
    private static void checkStore(Bench bench) {
        Geometry geometry = ((CoreBdev) bench.descriptor.bdev()).geometry();
        if (geometry.metadata().protection() == 0) {
            return;
        }
        long store = bench.stores.get("disk");
        var protection = new Protection(geometry.metadata(), geometry.blockSize());
        long apart = ScriptedModule.metadata(geometry, store, 0);
        assertEquals(Status.OK, protection.check(store, apart, Bench.BLOCKS, 0, geometry.metadata().checks(), 0));
    }

    @Test
    void shouldGiveBackTheDataAloneWhenMetadataIsHidden() {
        SimWorld.run(1, 90, world -> {
            Bench bench = bench(world, FORMATS.get((int) world.seed() % FORMATS.size()), true).load(150, ALL_TYPES);
            world.until(bench::allDone);
            checkStore(bench);
            bench.end();
        });
    }

    @Test
    void shouldNotBeNoticedWhenTheModuleIsReplaced() {
        SimWorld.run(200, 30, world -> {
            Bench bench = bench(world, FORMATS.get((int) world.seed() % FORMATS.size()), true).load(150, ALL_TYPES);
            for (int swaps = 0; swaps < 4; swaps++) {
                world.runFor(world.random().below(3));
                bench.layer.removeModule(bench.module);
                bench.module = bench.newModule();
                bench.layer.addModule(bench.module);
            }
            world.until(bench::allDone);
            checkStore(bench);
            bench.end();
        });
    }

    @Test
    void shouldPassMetadataThroughWhenItIsNotHidden() {
        SimWorld.run(300, 30, world -> {
            Metadata plain = FORMATS.get(4 + (int) world.seed() % 2);
            bench(world, plain, false).load(150, IoType.READ, IoType.WRITE, IoType.COMPARE, IoType.COMPARE_AND_WRITE,
                IoType.COPY).end();
        });
    }

    /** One block of type 1, interleaved. */
    private static final class Block extends BdevIo {
        int status = -1;

        Block(IoType type, long block, long memory, int bytes) {
            super(1);
            this.type = type;
            offsetBlocks = block;
            blocks = 1;
            data.set(memory, bytes);
        }

        @Override
        protected void ended(int status) {
            this.status = status;
        }
    }

    /** Runs one I/O to its end. */
    private static int run(SimWorld world, BdevChannel channel, Block io) throws Exception {
        world.on(world.reactor(0), () -> assertEquals(Status.OK, channel.submit(io)));
        world.until(() -> io.status >= 0);
        return io.status;
    }

    @Test
    void shouldSayWhatIsWrongWhenTheMediumChangedABlock() {
        SimWorld.run(400, 10, world -> {
            var bench = new Bench(world);
            bench.hides = true;
            bench.disk(disk(FORMATS.getFirst(), 512));
            long memory = world.environment().memory().allocate("data", 4096).address();
            long store = bench.stores.get("disk");
            BdevChannel channel = world.call(world.reactor(0), () -> bench.descriptor.openChannel(world.reactor(0)));
            assertEquals(512, bench.descriptor.blockSize());
            assertEquals(Status.OK, run(world, channel, new Block(IoType.WRITE, 7, memory, 512)));
            assertEquals(Status.OK, run(world, channel, new Block(IoType.READ, 7, memory, 512)));
            Mem.setByte(store + 7 * 520 + 100, (byte) 1);
            assertEquals(Status.GUARD_CHECK, run(world, channel, new Block(IoType.READ, 7, memory, 512)));
            assertEquals(Status.GUARD_CHECK, run(world, channel, new Block(IoType.VERIFY, 7, memory, 512)));
            Mem.setByte(store + 7 * 520 + 100, (byte) 0);
            Mem.copy(store + 7 * 520, store + 8 * 520, 520);
            assertEquals(Status.REFERENCE_TAG_CHECK, run(world, channel, new Block(IoType.READ, 8, memory, 512)));
            Mem.setShort(store + 8 * 520 + 514, (short) 5);
            assertEquals(Status.APPLICATION_TAG_CHECK, run(world, channel, new Block(IoType.READ, 8, memory, 512)));
            Mem.setShort(store + 8 * 520 + 514, (short) -1);
            assertEquals(Status.OK, run(world, channel, new Block(IoType.READ, 8, memory, 512)));
            world.on(world.reactor(0), channel::close);
            bench.descriptor.close();
            bench.layer.close();
        });
    }

    @Test
    void shouldCheckWhatTheSubmitterProtectedUnlessToldNotTo() {
        SimWorld.run(500, 10, world -> {
            var bench = new Bench(world);
            bench.disk(disk(FORMATS.getFirst(), 512));
            long memory = world.environment().memory().allocate("data", 4096).address();
            BdevChannel channel = world.call(world.reactor(0), () -> bench.descriptor.openChannel(world.reactor(0)));
            Mem.fill(memory, 520, (byte) 3);
            assertEquals(Status.GUARD_CHECK, run(world, channel, new Block(IoType.WRITE, 3, memory, 520)));
            new Protection(FORMATS.getFirst(), 520).insert(memory, 0, 1, 4, 0);
            assertEquals(Status.REFERENCE_TAG_CHECK, run(world, channel, new Block(IoType.WRITE, 3, memory, 520)));
            var unchecked = new Block(IoType.WRITE, 3, memory, 520);
            unchecked.uncheckedProtection = Metadata.REFERENCE_TAG;
            assertEquals(Status.OK, run(world, channel, unchecked));
            assertEquals(Status.REFERENCE_TAG_CHECK, run(world, channel, new Block(IoType.READ, 3, memory, 520)));
            var made = new Block(IoType.WRITE, 3, memory, 512);
            made.protectionAction = true;
            assertEquals(Status.OK, run(world, channel, made));
            assertEquals(Status.OK, run(world, channel, new Block(IoType.READ, 3, memory, 520)));
            assertEquals(3, Integer.reverseBytes(Mem.getInt(memory + 516)));
            world.on(world.reactor(0), channel::close);
            bench.descriptor.close();
            bench.layer.close();
        });
    }

    /** The bug is found where it is, and not only by whoever knows what the data should be. */
    @Test
    void shouldNoticeByTheProtectionWhenTheModuleReadsElsewhere() {
        int noticed = 0;
        for (int seed = 0; seed < 10; seed++) {
            try (var world = new SimWorld(seed, 2)) {
                Bench bench = bench(world, FORMATS.getFirst(), true);
                bench.script.bug = ScriptedModule.Bug.READS_ELSEWHERE;
                int size = bench.descriptor.bdev().blockSize();
                new Protection(FORMATS.getFirst(), size).insert(bench.stores.get("disk"), 0, 1, 0, 0);
                bench.load(0, IoType.READ, IoType.WRITE);
                bench.loads.forEach(load -> load.allowed = List.of(Status.REFERENCE_TAG_CHECK, Status.GUARD_CHECK));
                world.reactors().all().forEach(reactor ->
                    reactor.execute(() -> bench.loads.get(reactor.id()).start(100)));
                world.until(bench::allDone);
                noticed += bench.loads.stream().anyMatch(load -> load.failed > 0) ? 1 : 0;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        assertTrue(noticed > 5, noticed + " of 10");
    }
}
