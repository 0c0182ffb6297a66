package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.env.Region;
import dev.karst.nvme.Injections.Injection;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.NvmeTransfer;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.BlockFormat;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Ranges that are done in several commands. */
class TransferSimTest {
    private static final int SEEDS = 20;
    private static final int BLOCKS = 700;
    private static final int SLBA = 13;
    private static final int BOUNDARY = 64;

    private static final class Once extends NvmeTransfer {
        int ends;
        int status;

        Once(int parts) {
            super(4, parts);
        }

        @Override
        protected void ended(int status) {
            this.status = status;
            ends++;
        }
    }

    /** A queue whose commands are looked at. */
    private static final class Watched extends NvmeQueuePair {
        private final NvmeQueuePair queue;
        long blocks;

        Watched(NvmeQueuePair queue) {
            this.queue = queue;
        }

        @Override
        public int submit(NvmeRequest request) {
            long count = (request.cdw12and13 & 0xffff) + 1;
            assertEquals(request.cdw10and11 / BOUNDARY, (request.cdw10and11 + count - 1) / BOUNDARY);
            int status = queue.submit(request);
            blocks += status == Status.OK ? count : 0;
            return status;
        }

        @Override
        public int submitFused(NvmeRequest first, NvmeRequest second) {
            return queue.submitFused(first, second);
        }

        @Override
        public int id() {
            return queue.id();
        }

        @Override
        public Reactor reactor() {
            return queue.reactor();
        }

        @Override
        public int depth() {
            return queue.depth();
        }

        @Override
        public int inFlight() {
            return queue.inFlight();
        }

        @Override
        public boolean isConnected() {
            return queue.isConnected();
        }

        @Override
        public long fits(IoVector data) {
            return queue.fits(data);
        }

        @Override
        public void abort(NvmeRequest request) {
            queue.abort(request);
        }

        @Override
        public int poll(int most) {
            return queue.poll(most);
        }
    }

    /** A stage with a queue and noise in memory, in pieces, for a range. */
    private static final class Range {
        final SimStage stage;
        final NvmeQueuePair queue;
        final NvmeNamespace namespace;
        final Region region;
        final int bytes;
        final Once transfer;

        Range(SimWorld world, Traits traits, Settings settings) throws Exception {
            stage = new SimStage(world, traits, settings);
            stage.attach(SimStage.options(0, -1));
            queue = world.background(() -> stage.controller.openQueuePair(world.reactor(0)));
            namespace = stage.controller.namespace(1).orElseThrow();
            bytes = BLOCKS * namespace.format().bufferBytes();
            region = world.environment().memory().allocate("range", 2L * bytes + BLOCKS * 64);
            byte[] noise = new byte[bytes];
            world.random().bytes(noise);
            Mem.put(region.address(), noise, 0, bytes);
            transfer = new Once(1 + world.random().below(4));
            int first = 4096 * (1 + world.random().below(bytes / 4096 - 1));
            transfer.data.add(region.address(), first);
            transfer.data.add(region.address() + first, bytes - first);
        }

        int run(int opcode) throws Exception {
            transfer.ends = 0;
            stage.world.on(queue.reactor(), () -> assertEquals(Status.OK, transfer.submit(queue, namespace, opcode, SLBA, BLOCKS)));
            stage.world.until(() -> transfer.ends == 1);
            return transfer.status;
        }

        void finish() throws Exception {
            stage.world.environment().memory().free(region);
            stage.finish();
        }
    }

    @Test
    void shouldMoveRangesLongerThanACommandMayBe() {
        for (Settings settings : List.of(Settings.plain(512), new Settings(new BlockFormat(512, 8), true, 0, false),
            new Settings(new BlockFormat(512, 8), false, 0, false))) {
            SimWorld.run(1, SEEDS, world -> {
                Traits traits = Traits.any(world.random());
                traits.maxTransfer = 1 + world.random().below(4);
                var range = new Range(world, traits, settings);
                if (range.namespace.format().metadataBytes() > 0 && !range.namespace.format().extended()) {
                    range.transfer.metadata = range.region.address() + 2L * range.bytes;
                }
                assertEquals(0, range.run(Opcode.NVM_WRITE), () -> NvmeStatus.text(range.transfer.status));
                range.transfer.data.set(range.region.address() + range.bytes, range.bytes);
                assertEquals(0, range.run(Opcode.NVM_READ));
                byte[] written = new byte[range.bytes];
                byte[] read = new byte[range.bytes];
                Mem.get(range.region.address(), written, 0, range.bytes);
                Mem.get(range.region.address() + range.bytes, read, 0, range.bytes);
                assertArrayEquals(written, read);
                range.finish();
            });
        }
    }

    @Test
    void shouldNotCrossTheBoundaryWhenTheNamespaceHasOne() {
        SimWorld.run(1, SEEDS, world -> {
            Traits traits = new Traits();
            traits.maxTransfer = 0;
            var range = new Range(world, traits, Settings.plain(512));
            NvmeNamespace.Limits told = range.namespace.limits();
            var limits = new NvmeNamespace.Limits(told.maxTransferBlocks(), Long.MAX_VALUE, Long.MAX_VALUE, BOUNDARY, 1, false, 0, 0, 0, false, false, 0);
            var bounded = new NvmeNamespace(
                1, range.namespace.blocks(), range.namespace.format(), range.namespace.ids(), limits, null, range.namespace.ana(), 0);
            var watched = new Watched(range.queue);
            world.on(range.queue.reactor(), () ->
                assertEquals(Status.OK, range.transfer.submit(watched, bounded, Opcode.NVM_WRITE, SLBA, BLOCKS)));
            world.until(() -> range.transfer.ends == 1);
            assertEquals(BLOCKS, watched.blocks);
            range.finish();
        });
    }

    @Test
    void shouldEndOnceWithTheFailureWhenACommandFails() {
        SimWorld.run(1, SEEDS, world -> {
            Traits traits = new Traits();
            traits.maxTransfer = 1;
            var range = new Range(world, traits, Settings.plain(512));
            var injection = new Injection(NvmeStatus.UNRECOVERED_READ_ERROR, world.random().oneIn(2), 1000, new AtomicInteger(2));
            range.stage.controller.injections(false).set(Opcode.NVM_READ, injection);
            assertEquals(NvmeStatus.UNRECOVERED_READ_ERROR, range.run(Opcode.NVM_READ));
            range.stage.controller.injections(false).set(Opcode.NVM_READ, null);
            assertEquals(0, range.run(Opcode.NVM_READ));
            range.finish();
        });
    }

    @Test
    void shouldTakeNothingWhenTheDataHasNotTheSizeOfTheRange() {
        SimWorld.run(1, 1, world -> {
            var range = new Range(world, new Traits(), Settings.plain(512));
            world.on(range.queue.reactor(), () -> assertEquals(
                Status.INVALID, range.transfer.submit(range.queue, range.namespace, Opcode.NVM_READ, 0, BLOCKS - 1)));
            range.finish();
        });
    }
}
