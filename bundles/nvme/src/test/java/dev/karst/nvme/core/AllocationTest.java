package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.karst.base.Status;
import dev.karst.env.PciDevice;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.testkit.NullController;
import dev.karst.nvme.transport.PciTransport;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.spec.nvme.Opcode;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What requests allocate, on a reactor of the machine and a controller that answers at once. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int DEPTH = 32;
    private static final int WARM = 50_000;
    private static final int COUNTED = 50_000;
    private static final int BYTES = 4096;

    private int ended;
    private int failed;
    private long bytesBefore;
    private long allocated;
    private final CountDownLatch done = new CountDownLatch(1);

    private final class Turn extends NvmeRequest {
        private final NvmeQueuePair queue;

        Turn(NvmeQueuePair queue, long address) {
            super(1);
            this.queue = queue;
            command(Opcode.NVM_READ, 1).range(0, BYTES / 512);
            data.set(address, BYTES);
        }

        @Override
        protected void ended(int status) {
            failed += status == 0 ? 0 : 1;
            if (++ended == WARM) {
                bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
            }
            if (ended == WARM + COUNTED) {
                allocated = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
                done.countDown();
            } else if (ended < WARM + COUNTED && queue.submit(this) != Status.OK) {
                failed++;
            }
        }
    }

    private record Bus(PciDevice device) implements PciTransport {
        @Override
        public String type() {
            return "NULL";
        }

        @Override
        public List<TransportId> probe() {
            return List.of();
        }

        @Override
        public PciDevice open(TransportId id) {
            return device;
        }
    }

    @Test
    void shouldAllocateNothingForARequest() throws Exception {
        var environment = new LinuxEnvironment();
        var reactors = new PinnedReactors(environment);
        var device = new NullController();
        Reactor reactor = reactors.all().getFirst();
        var stepper = new Poller() {
            @Override
            public int poll() {
                return device.step();
            }

            @Override
            public boolean announcesWork() {
                return false;
            }
        };
        reactor.execute(() -> reactor.add(stepper));
        var driver = new PolledDriver(environment, reactors);
        driver.add(new Bus(device));
        NvmeController controller = driver.attach(new TransportId("NULL", "", "null", "", ""), ControllerOptions.standard());
        NvmeQueuePair queue = controller.openQueuePair(reactor);
        var region = environment.memory().allocate("data", (long) DEPTH * BYTES);
        reactor.execute(() -> {
            for (int i = 0; i < DEPTH; i++) {
                failed += queue.submit(new Turn(queue, region.address() + (long) i * BYTES)) == Status.OK ? 0 : 1;
            }
        });
        done.await();
        assertTrue(failed == 0 && allocated < COUNTED, () -> allocated + " bytes, " + failed + " failed");
        driver.close();
        var stopped = new CountDownLatch(1);
        reactor.execute(() -> {
            reactor.remove(stepper);
            stopped.countDown();
        });
        stopped.await();
        reactors.stop();
        environment.close();
    }
}
