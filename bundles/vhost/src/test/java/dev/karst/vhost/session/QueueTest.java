package dev.karst.vhost.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.unix.Signal;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.virtio.AvailableRing;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.device.Coalescing;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.device.QueueHandler;
import dev.karst.vhost.ring.Chain;
import dev.karst.vhost.ring.GuestMemory;
import dev.karst.vhost.ring.GuestRegion;
import dev.karst.vhost.ring.Ring;
import dev.karst.vhost.ring.RingAreas;
import dev.karst.vhost.ring.RingSetup;
import dev.karst.vhost.ring.RingSupport;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A queue over a device that keeps what it is given until the test lets it go. */
class QueueTest {
    private static final int SIZE = 8;
    private static final int MEASURE_MS = 10;
    private static final int AVAILABLE = 0x1000;
    private static final int USED = 0x2000;
    private static final int SCRATCH = 0x3000;
    private static final int BYTES = SCRATCH + Ring.SCRATCH_BYTES + DeviceQueue.SCRATCH_BYTES;

    private final SimWorld world = new SimWorld(1, 1);
    private final Reactor reactor = world.reactors().all().getFirst();
    private final Deque<Chain> kept = new ArrayDeque<>();
    private final Call call = new Call();
    private Region memory;
    private Queue queue;

    /** How the driver is told; closed once the queue has stopped. */
    private static final class Call extends Signal {
        private int raised;
        private boolean closed;
        private boolean raisedLate;

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public void raise() {
            raised++;
            raisedLate |= closed;
        }

        @Override
        public void watch(EventSet events, Readiness readiness) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void unwatch() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Lets its driver wait when more than 100 requests a second end. */
    private final class Keeping implements Device {
        @Override
        public String name() {
            return "keeping";
        }

        @Override
        public long features() {
            return 0;
        }

        @Override
        public int maxQueues() {
            return 1;
        }

        @Override
        public int configBytes() {
            return 0;
        }

        @Override
        public void writeConfig(long address) {
            // There is none.
        }

        @Override
        public QueueHandler open(int index, DeviceQueue of) {
            return new QueueHandler() {
                @Override
                public void handle(Chain chain) {
                    kept.add(chain);
                }

                @Override
                public void close() {
                    // It has nothing.
                }
            };
        }

        @Override
        public void close() {
            // It has nothing.
        }

        @Override
        public void listen(Listener listener) {
            // Nothing changes.
        }

        @Override
        public Coalescing coalescing() {
            return new Coalescing(1000, Coalescing.LEAST_IOPS);
        }

        @Override
        public void coalescing(Coalescing coalescing) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Reactor> reactors() {
            return List.of(reactor);
        }
    }

    @BeforeEach
    void start() throws Exception {
        memory = world.environment().memory().allocate("ring", BYTES);
        long at = memory.address();
        Mem.fill(at, BYTES, (byte) 0);
        for (int i = 0; i < SIZE; i++) {
            Descriptor.ADDR.set(at + (long) i * Descriptor.BYTES, SCRATCH);
            Descriptor.LEN.set(at + (long) i * Descriptor.BYTES, 1);
            Mem.setShort(at + AVAILABLE + AvailableRing.BYTES + (long) i * AvailableRing.ENTRY_BYTES, (short) i);
        }
        AvailableRing.IDX.set(at + AVAILABLE, SIZE);
        var setup = new RingSetup(SIZE, Feature.VERSION_1, new GuestMemory(List.of(new GuestRegion(0, BYTES, 0, at))),
            new RingAreas(at, at + AVAILABLE, at + USED), 0, new RingSupport(at + SCRATCH, 0, null, 0));
        world.reactors().call(reactor, on -> {
            try {
                queue = new Queue(new Keeping(), 0, on, setup, new QueueSignals(null, call, null));
                return null;
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
        });
        world.runFor(MEASURE_MS);
        assertEquals(SIZE, kept.size());
    }

    @AfterEach
    void close() {
        world.environment().memory().free(memory);
        world.close();
    }

    private void complete(int count) {
        for (int i = 0; i < count; i++) {
            queue.complete(kept.remove(), 0);
        }
    }

    /** Signals are closed then, and memory is given back. */
    @Test
    void shouldTellNobodyAnyMoreWhenItHasStoppedRightAfterARequestEnded() throws Exception {
        world.reactors().call(reactor, _ -> {
            complete(6);
            return null;
        });
        world.reactors().call(reactor, _ -> {
            complete(1);
            return null;
        });
        int before = call.raised;
        world.reactors().call(reactor, _ -> {
            complete(1);
            queue.stop(call::close);
            return null;
        });
        world.runFor(MEASURE_MS);
        assertTrue(call.closed, "it does not stop");
        assertTrue(call.raised > before, "the driver does not hear of the last requests");
        assertTrue(!call.raisedLate, "it tells the driver after it has stopped");
    }
}
