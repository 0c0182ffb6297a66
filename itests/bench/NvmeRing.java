import dev.karst.base.Status;
import dev.karst.env.PciDevice;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.testkit.NullController;
import dev.karst.nvme.transport.PciTransport;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.spec.nvme.Opcode;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Random reads of 4 KiB on a controller in memory that answers at once and moves nothing, so many in flight, each submitted again when it
 * ends; driver and controller take turns on one thread. Prints processor time per I/O, of both together, in nanoseconds. Arguments: depth,
 * seconds, for which it also warms up. Its twin in C, a ring of the same shape and nothing else, is nvme-ring.c.
 */
final class NvmeRing {
    private static final int BYTES = 4096;
    private static final int BATCH = 128;
    private static final int SLICE_TURNS = 20_000;
    private static final long PLACES = 1L << 28;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Reactor reactor;
    private final NvmeQueuePair queue;
    private final NullController controller;
    private long state = 0x9E3779B97F4A7C15L;
    private long ended;
    private long end;

    private NvmeRing(Reactor reactor, NvmeQueuePair queue, NullController controller) {
        this.reactor = reactor;
        this.queue = queue;
        this.controller = controller;
    }

    private final class Read extends NvmeRequest {
        Read(long address) {
            super(1);
            command(Opcode.NVM_READ, 1);
            data.set(address, BYTES);
        }

        void go() {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            range((state & PLACES - 1) * 8, 8);
            int status = queue.submit(this);
            if (status != Status.OK) {
                throw new IllegalStateException("refused: " + Status.text(status));
            }
        }

        @Override
        protected void ended(int status) {
            if (status != 0) {
                throw new IllegalStateException("failed: " + Integer.toHexString(status));
            }
            ended++;
            go();
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

    private void run(CountDownLatch done) {
        for (int i = 0; i < SLICE_TURNS; i++) {
            queue.poll(BATCH);
            controller.step();
        }
        if (System.nanoTime() < end) {
            reactor.execute(() -> run(done));
        } else {
            done.countDown();
        }
    }

    /** Nanoseconds of the reactor's thread per I/O. */
    private double measure(long nanos) throws InterruptedException {
        var done = new CountDownLatch(1);
        var figures = new long[2];
        reactor.execute(() -> {
            figures[0] = THREADS.getCurrentThreadCpuTime();
            figures[1] = ended;
            end = System.nanoTime() + nanos;
            run(done);
        });
        done.await();
        var read = new CountDownLatch(1);
        reactor.execute(() -> {
            figures[0] = THREADS.getCurrentThreadCpuTime() - figures[0];
            figures[1] = ended - figures[1];
            read.countDown();
        });
        read.await();
        return (double) figures[0] / figures[1];
    }

    public static void main(String[] arguments) throws Exception {
        int depth = Integer.parseInt(arguments[0]);
        long nanos = Long.parseLong(arguments[1]) * 1_000_000_000L;
        var environment = new LinuxEnvironment();
        var reactors = new PinnedReactors(environment);
        var driver = new PolledDriver(environment, reactors);
        var controller = new NullController();
        driver.add(new Bus(controller));
        Reactor reactor = reactors.all().getFirst();
        var attached = new boolean[1];
        var played = Thread.ofPlatform().start(() -> {
            while (!attached[0]) {
                controller.step();
                Thread.onSpinWait();
            }
        });
        NvmeQueuePair queue = driver.attach(new TransportId("NULL", "", "memory", "", ""), ControllerOptions.standard()).openQueuePair(reactor);
        attached[0] = true;
        played.join();
        reactor.idlePolicy(IdlePolicy.POLL);
        var bench = new NvmeRing(reactor, queue, controller);
        long memory = environment.memory().allocate("data", (long) depth * BYTES).address();
        reactor.execute(() -> {
            for (int i = 0; i < depth; i++) {
                bench.new Read(memory + (long) i * BYTES).go();
            }
        });
        bench.measure(nanos);
        System.out.printf("ns per I/O: %.2f%n", bench.measure(nanos));
        System.exit(0);
    }
}
