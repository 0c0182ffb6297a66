package dev.karst.vhost.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.reactor.sim.StandInReactors;
import dev.karst.rpc.RpcChecks;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Nothing is allocated for a request on its way from the ring through the block layer to memory and back, its place among those in flight
 * included.
 */
class BlkAllocationTest {
    private static final int ROUNDS = 100_000;
    private static final int DATA_BYTES = 4096;
    private static final long HEADER = RingMemory.DATA;
    private static final long STATUS = RingMemory.DATA + 0x100;
    private static final long RANGE = RingMemory.DATA + 0x200;
    private static final long DATA = RingMemory.DATA + 0x1000;

    private final com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The type of a request, and the data between header and status. */
    private enum Kind {
        READ(BlkRequest.T_IN, DATA, DATA_BYTES, true),
        WRITE(BlkRequest.T_OUT, DATA, DATA_BYTES, false),
        FLUSH(BlkRequest.T_FLUSH, 0, 0, false),
        DISCARD(BlkRequest.T_DISCARD, RANGE, 16, false),
        GET_ID(BlkRequest.T_GET_ID, DATA, 20, true);

        private final int type;
        private final long data;
        private final int bytes;
        private final boolean written;

        Kind(int type, long data, int bytes, boolean written) {
            this.type = type;
            this.data = data;
            this.bytes = bytes;
            this.written = written;
        }
    }

    @ParameterizedTest
    @CsvSource({"READ, false", "WRITE, false", "FLUSH, false", "DISCARD, false", "GET_ID, false", "READ, true", "WRITE, true", "FLUSH, true"})
    void shouldAllocateNothing(Kind kind, boolean packed) throws Exception {
        try (var world = new SimWorld(1, 1); var memory = new RingMemory()) {
            var reactors = new StandInReactors(world.reactor(0));
            var layer = new BlockLayer(world.environment(), reactors);
            var malloc = new MallocModule();
            layer.addModule(malloc);
            var create = malloc.methods().getFirst();
            create.handler().call(RpcChecks.check(create, Map.of("name", "disk", "num_blocks", 64L, "block_size", 512L)));
            var device = new BlkDevice("disk", world.environment(), reactors.all(), layer, new BlkDevice.Options(false, true));
            device.open("disk");
            Ring ring = memory.ringThatKeeps(Feature.RING_EVENT_IDX | (packed ? Feature.RING_PACKED : 0));
            long scratch = world.environment().memory().allocate("scratch", DeviceQueue.SCRATCH_BYTES).address();
            var queue = new RingQueue(ring, reactors.only(), scratch);
            QueueHandler handler = device.open(0, queue);
            Runnable driver = packed ? packed(memory, kind) : split(memory, kind);
            header(memory, kind);
            Runnable round = () -> {
                driver.run();
                handler.handle(ring.take());
                reactors.only().runAll();
                queue.publish();
            };
            play(round);
            long before = threads.getCurrentThreadAllocatedBytes();
            int done = queue.done();
            play(round);
            assertEquals(0, (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS, "bytes per request");
            assertEquals(ROUNDS, queue.done() - done);
            assertEquals(BlkRequest.S_OK, Mem.getU8(memory.address + STATUS - RingMemory.GUEST));
        }
    }

    private static void play(Runnable round) {
        for (int i = 0; i < ROUNDS; i++) {
            round.run();
        }
    }

    private static void header(RingMemory memory, Kind kind) {
        long header = memory.address + HEADER - RingMemory.GUEST;
        BlkRequest.TYPE.set(header, kind.type);
        BlkRequest.SECTOR.set(header, 0);
        Mem.setInt(memory.address + RANGE - RingMemory.GUEST + Long.BYTES, 8);
        Mem.setByte(memory.address + STATUS - RingMemory.GUEST, (byte) 0xff);
    }

    private static Runnable split(RingMemory memory, Kind kind) {
        int status = kind.bytes > 0 ? 2 : 1;
        memory.descriptor(RingMemory.GUEST, 0, HEADER, BlkRequest.BYTES, RingMemory.then(1, 0));
        if (kind.bytes > 0) {
            memory.descriptor(RingMemory.GUEST, 1, kind.data, kind.bytes, RingMemory.then(2, kind.written ? Descriptor.WRITE : 0));
        }
        memory.descriptor(RingMemory.GUEST, status, STATUS, 1, Descriptor.WRITE);
        return () -> memory.publish(0);
    }

    private static Runnable packed(RingMemory memory, Kind kind) {
        var driver = new PackedDriver(memory);
        return () -> {
            driver.add(0, HEADER, BlkRequest.BYTES, Descriptor.NEXT);
            if (kind.bytes > 0) {
                driver.add(0, kind.data, kind.bytes, Descriptor.NEXT | (kind.written ? Descriptor.WRITE : 0));
            }
            driver.add(0, STATUS, 1, Descriptor.WRITE);
        };
    }
}
