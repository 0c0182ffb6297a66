package dev.karst.vhost.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.reactor.sim.StandInReactors;
import dev.karst.rpc.RpcChecks;
import dev.karst.scsi.core.Devices;
import dev.karst.spec.scsi.Cdb10;
import dev.karst.spec.scsi.Opcode;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.Feature;
import dev.karst.spec.virtio.ScsiRequest;
import dev.karst.spec.virtio.ScsiResponse;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import dev.karst.vhost.scsi.ScsiHost;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nothing is allocated for a SCSI request on its way from the ring through the SCSI and the block layer to memory and back. */
class ScsiAllocationTest {
    private static final int ROUNDS = 200_000;
    private static final int DATA_BYTES = 4096;
    private static final long HEADER = RingMemory.DATA;
    private static final long RESPONSE = RingMemory.DATA + 0x100;
    private static final long DATA = RingMemory.DATA + 0x1000;

    private final com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void shouldAllocateNothingWhenBlocksAreRead() throws Exception {
        holds(Opcode.READ_10);
    }

    @Test
    void shouldAllocateNothingWhenBlocksAreWritten() throws Exception {
        holds(Opcode.WRITE_10);
    }

    private void holds(int opcode) throws Exception {
        try (var world = new SimWorld(1, 1); var memory = new RingMemory()) {
            var reactors = new StandInReactors(world.reactor(0));
            var layer = new BlockLayer(world.environment(), reactors);
            var malloc = new MallocModule();
            layer.addModule(malloc);
            var create = malloc.methods().getFirst();
            create.handler().call(RpcChecks.check(create, Map.of("name", "disk", "num_blocks", 64L, "block_size", 512L)));
            var around = new ScsiHost.Surroundings(
                world.environment(), reactors, layer, new Devices(world.environment(), reactors, layer));
            var host = new ScsiHost("host", around, reactors.all());
            host.add(0, "disk");
            Ring ring = memory.ring(Feature.RING_EVENT_IDX);
            long scratch = world.environment().memory().allocate("scratch", DeviceQueue.SCRATCH_BYTES).address();
            var queue = new RingQueue(ring, reactors.only(), scratch);
            QueueHandler handler = host.open(2, queue);
            prepare(memory, opcode);
            Runnable round = () -> {
                memory.publish(0);
                handler.handle(ring.take());
                reactors.only().runAll();
                queue.publish();
            };
            round.run();
            play(round);
            long before = threads.getCurrentThreadAllocatedBytes();
            int done = queue.done();
            play(round);
            assertEquals(0, (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS, "bytes per request");
            assertEquals(ROUNDS, queue.done() - done);
            long response = memory.address + RESPONSE - RingMemory.GUEST;
            assertEquals(ScsiResponse.S_OK, ScsiResponse.RESPONSE.get(response));
            assertEquals(ScsiStatus.GOOD, ScsiResponse.STATUS.get(response));
            assertEquals(0, ScsiResponse.RESIDUAL.get(response));
        }
    }

    private static void play(Runnable round) {
        for (int i = 0; i < ROUNDS; i++) {
            round.run();
        }
    }

    private static void prepare(RingMemory memory, int opcode) {
        long header = memory.address + HEADER - RingMemory.GUEST;
        Mem.fill(header, ScsiRequest.BYTES, (byte) 0);
        ScsiRequest.LUN.set(header, 1L << 56);
        long cdb = header + ScsiRequest.CDB.offset();
        Mem.setByte(cdb, (byte) opcode);
        Cdb10.TRANSFER_LENGTH.set(cdb, DATA_BYTES / 512);
        boolean reads = opcode == Opcode.READ_10;
        memory.descriptor(RingMemory.GUEST, 0, HEADER, ScsiRequest.BYTES, RingMemory.then(reads ? 1 : 2, 0));
        memory.descriptor(RingMemory.GUEST, 1, RESPONSE, ScsiResponse.BYTES,
            reads ? RingMemory.then(2, Descriptor.WRITE) : Descriptor.WRITE);
        memory.descriptor(RingMemory.GUEST, 2, DATA, DATA_BYTES, reads ? Descriptor.WRITE : RingMemory.then(1, 0));
    }
}
