package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.env.Region;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.ControllerMemory;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeEvents;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.BlockFormat;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.nvme.testkit.media.Zones;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the driver sees and moves of namespaces of all forms, and what it is told. */
class DriverCommandsSimTest {
    private static final int SEEDS = 10;
    private static final int BLOCKS = 8;

    /** A request that remembers how it ended. */
    private static final class Once extends NvmeRequest {
        int ends;
        int status;

        Once() {
            super(4);
        }

        @Override
        protected void ended(int status) {
            this.status = status;
            ends++;
        }
    }

    private static NvmeQueuePair queue(SimStage stage) throws Exception {
        return stage.world.background(() -> stage.controller.openQueuePair(stage.world.reactor(0)));
    }

    private static void run(SimStage stage, NvmeQueuePair queue, Once request) throws Exception {
        stage.world.on(queue.reactor(), () -> assertEquals(Status.OK, queue.submit(request)));
        stage.world.until(() -> request.ends == 1);
        request.ends = 0;
    }

    @Test
    void shouldMoveDataAndMetadataInAllFormats() {
        List<Settings> formats = List.of(
            Settings.plain(4096), new Settings(new BlockFormat(512, 8), true, 0, false),
            new Settings(new BlockFormat(4096, 64), false, 0, false), new Settings(new BlockFormat(512, 8), false, 1, false),
            new Settings(new BlockFormat(512, 16), true, 2, true));
        for (Settings settings : formats) {
            SimWorld.run(1, SEEDS, world -> {
                var stage = new SimStage(world, Traits.any(world.random()), settings);
                stage.attach(SimStage.options(0, -1));
                NvmeNamespace.Format format = stage.controller.namespace(1).orElseThrow().format();
                assertEquals(settings.format().dataBytes(), format.blockSize());
                assertEquals(settings.format().metadataBytes(), format.metadataBytes());
                assertEquals(settings.extended(), format.extended());
                assertEquals(settings.protection(), format.protection());
                assertEquals(settings.protectionFirst(), format.protectionFirst());
                move(stage, format);
                stage.finish();
            });
        }
    }

    /** Writes blocks of noise with their metadata and reads them back. */
    private static void move(SimStage stage, NvmeNamespace.Format format) throws Exception {
        SimWorld world = stage.world;
        NvmeQueuePair queue = queue(stage);
        int count = Math.min(BLOCKS, 8192 / format.bufferBytes());
        int bytes = count * format.bufferBytes();
        int metadataBytes = format.extended() ? 0 : count * format.metadataBytes();
        Region written = world.environment().memory().allocate("written", bytes + metadataBytes);
        Region read = world.environment().memory().allocate("read", bytes + metadataBytes);
        byte[] noise = new byte[bytes + metadataBytes];
        world.random().bytes(noise);
        Mem.put(written.address(), noise, 0, noise.length);
        for (int opcode : new int[] {Opcode.NVM_WRITE, Opcode.NVM_READ}) {
            Region region = opcode == Opcode.NVM_WRITE ? written : read;
            var request = new Once();
            request.command(opcode, 1).range(3, count);
            request.data.set(region.address(), bytes);
            if (metadataBytes > 0) {
                request.metadata = region.address() + bytes;
                request.metadataBytes = metadataBytes;
            }
            run(stage, queue, request);
            assertEquals(0, request.status, () -> NvmeStatus.text(request.status));
        }
        byte[] found = new byte[noise.length];
        Mem.get(read.address(), found, 0, found.length);
        assertArrayEquals(noise, found);
        world.environment().memory().free(written);
        world.environment().memory().free(read);
    }

    @Test
    void shouldInsertAndCheckProtectionWhenTheControllerDoesIt() {
        SimWorld.run(1, SEEDS, world -> {
            var stage = new SimStage(world, new Traits(), new Settings(new BlockFormat(512, 8), false, 1, false));
            stage.attach(SimStage.options(0, -1));
            NvmeQueuePair queue = queue(stage);
            Region data = world.environment().memory().allocate("data", 4096);
            var request = new Once();
            long protect = (long) (NvmCommand.PRACT | NvmCommand.PRCHK_GUARD | NvmCommand.PRCHK_REFERENCE) << 26;
            request.command(Opcode.NVM_WRITE, 1).range(5, BLOCKS);
            request.cdw12and13 |= protect;
            request.cdw14and15 = 5;
            request.data.set(data.address(), BLOCKS * 512);
            run(stage, queue, request);
            assertEquals(0, request.status);
            request.opcode = Opcode.NVM_READ;
            run(stage, queue, request);
            assertEquals(0, request.status);
            byte[] metadata = stage.disk.metadata(5, BLOCKS);
            metadata[8] ^= 1;
            stage.disk.write(5, stage.disk.data(5, BLOCKS), metadata);
            run(stage, queue, request);
            assertEquals(NvmeStatus.END_TO_END_GUARD_CHECK_ERROR, request.status);
            world.environment().memory().free(data);
            stage.finish();
        });
    }

    @Test
    void shouldCompareAndWriteAsOneWhenTheyAreFused() {
        SimWorld.run(1, SEEDS, world -> {
            var stage = new SimStage(world, Traits.any(world.random()), Settings.plain(512));
            stage.attach(SimStage.options(0, -1));
            NvmeQueuePair queue = queue(stage);
            assertTrue(stage.controller.data().limits().fused());
            Region data = world.environment().memory().allocate("data", 8192);
            Mem.fill(data.address() + 4096, 512, (byte) 7);
            var compare = new Once();
            var write = new Once();
            for (int round = 0; round < 2 && queue.depth() > 1; round++) {
                compare.command(Opcode.NVM_COMPARE, 1).range(9, 1).fuse = Sqe.FUSE_FIRST;
                compare.data.set(data.address(), 512);
                write.command(Opcode.NVM_WRITE, 1).range(9, 1).fuse = Sqe.FUSE_SECOND;
                write.data.set(data.address() + 4096, 512);
                world.on(queue.reactor(), () -> assertEquals(Status.OK, queue.submitFused(compare, write)));
                world.until(() -> compare.ends + write.ends == 2);
                compare.ends = 0;
                write.ends = 0;
                assertEquals(round == 0 ? 0 : NvmeStatus.COMPARE_FAILURE, compare.status);
                assertEquals(round == 0 ? 0 : NvmeStatus.ABORTED_FAILED_FUSED, write.status);
                assertEquals(7, stage.disk.data(9, 1)[511]);
            }
            world.environment().memory().free(data);
            stage.finish();
        });
    }

    @Test
    void shouldAppendToZonesAndSayHowTheyAre() {
        SimWorld.run(1, SEEDS, world -> {
            var stage = new SimStage(world, new Traits(), Settings.plain(512));
            stage.disk.zoned(new Zones(8, 512, 3, 4));
            stage.attach(SimStage.options(0, -1));
            NvmeNamespace.Zones zones = stage.controller.namespace(1).orElseThrow().zones();
            assertEquals(512, zones.zoneBlocks());
            assertEquals(3, zones.maxOpen());
            assertEquals(4, zones.maxActive());
            NvmeQueuePair queue = queue(stage);
            Region data = world.environment().memory().allocate("data", 4096);
            var request = new Once();
            for (int i = 0; i < 3; i++) {
                request.command(Opcode.ZONE_APPEND, 1).range(1024, BLOCKS);
                request.data.set(data.address(), BLOCKS * 512);
                run(stage, queue, request);
                assertEquals(0, request.status);
                assertEquals(1024 + i * BLOCKS, request.result);
            }
            world.environment().memory().free(data);
            stage.finish();
        });
    }

    @Test
    void shouldMoveDataThroughTheControllersOwnMemory() {
        SimWorld.run(1, SEEDS, world -> {
            Traits traits = Traits.any(world.random());
            traits.queueEntries = 16;
            traits.bufferBytes = 64 << 10;
            traits.persistentBytes = 64 << 10;
            var stage = new SimStage(world, traits, Settings.plain(512));
            stage.attach(SimStage.options(0, -1));
            long before = world.environment().memory().givenBytes();
            NvmeQueuePair queue = queue(stage);
            long taken = world.environment().memory().givenBytes() - before;
            assertEquals(4096 + 16 * 2048, taken, "one page of completions, lists, and no submissions");
            ControllerMemory buffer = stage.controller.buffer().orElseThrow();
            assertEquals(32 << 10, buffer.bytes());
            ControllerMemory persistent = stage.controller.persistent().orElseThrow();
            Mem.fill(buffer.address(), BLOCKS * 512, (byte) 5);
            var request = new Once();
            for (int round = 0; round < 2; round++) {
                request.command(Opcode.NVM_WRITE, 1).range(9, BLOCKS);
                request.data.set(buffer.address(), BLOCKS * 512);
                run(stage, queue, request);
                assertEquals(0, request.status);
                request.command(Opcode.NVM_READ, 1).range(9, BLOCKS);
                request.data.set(persistent.address() + 4096, BLOCKS * 512);
                run(stage, queue, request);
                assertEquals(0, request.status);
                assertEquals(5, Mem.getU8(persistent.address() + 4096 + BLOCKS * 512 - 1));
                world.background(() -> {
                    stage.controller.reset();
                    return null;
                });
            }
            stage.finish();
        });
    }

    @Test
    void shouldBeginAnewWhenAQueueHasTheNumberOfOneThatWasClosed() {
        SimWorld.run(1, SEEDS, world -> {
            Traits traits = new Traits();
            traits.shadowDoorbells = true;
            var stage = new SimStage(world, traits, Settings.plain(512));
            stage.attach(SimStage.options(0, -1));
            Region data = world.environment().memory().allocate("data", 4096);
            var request = new Once();
            for (int round = 0; round < 3; round++) {
                NvmeQueuePair queue = queue(stage);
                assertEquals(1, queue.id());
                for (int i = 0; i < 5; i++) {
                    request.command(Opcode.NVM_READ, 1).range(0, BLOCKS);
                    request.data.set(data.address(), BLOCKS * 512);
                    run(stage, queue, request);
                    assertEquals(0, request.status);
                }
                world.background(() -> {
                    stage.controller.closeQueuePair(queue);
                    return null;
                });
            }
            world.environment().memory().free(data);
            stage.finish();
        });
    }

    /** Counts what it is told. */
    private static final class Told implements NvmeEvents {
        int namespaces;
        int ana;

        @Override
        public void namespacesChanged(NvmeController controller) {
            namespaces++;
        }

        @Override
        public void anaChanged(NvmeController controller) {
            ana++;
        }
    }

    @Test
    void shouldTellOfNamespacesAndPathsThatChange() {
        SimWorld.run(1, 2 * SEEDS, world -> {
            Traits traits = Traits.any(world.random());
            traits.ana = true;
            var stage = new SimStage(world, traits, Settings.plain(512));
            stage.attach(SimStage.options(0, -1));
            var told = new Told();
            stage.controller.watch(told);
            stage.subsystem.add(100, Settings.plain(4096));
            world.until(() -> stage.controller.namespace(2).isPresent());
            assertEquals(100, stage.controller.namespace(2).orElseThrow().blocks());
            stage.nvme.setAna(1, AnaState.INACCESSIBLE.figure());
            world.until(() -> stage.controller.namespace(1).orElseThrow().ana() == AnaState.INACCESSIBLE);
            stage.subsystem.delete(2);
            world.until(() -> stage.controller.namespace(2).isEmpty());
            world.until(() -> told.namespaces >= 2 && told.ana >= 1);
            stage.finish();
        });
    }
}
