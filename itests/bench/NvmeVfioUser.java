import dev.karst.base.Status;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.vfiouser.VfioUserTransport;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.spec.nvme.Opcode;
import java.util.concurrent.CountDownLatch;

/**
 * Random reads of 4 KiB from the first namespace of a controller behind a vfio-user socket, so many in flight, each submitted again when
 * it ends. Counts the time of the polls that found something, in which all submissions fall too: what the driver costs, without the
 * waiting. Longer polls than 100 us are left out: somebody else had the processor meanwhile. Warms up for as long as it measures; prints I/Os per second, then the driver's nanoseconds per I/O. Arguments: path, depth,
 * seconds. Its twin for SPDK's driver is nvme-vfiouser.c.
 */
final class NvmeVfioUser {
    private static final int BYTES = 4096;
    private static final int BATCH = 64;
    private static final long SLICE_NANOS = 50_000_000;
    private static final long LONGEST_NANOS = 100_000;
    private static final long MEMORY = 512L << 20;

    private final Reactor reactor;
    private final NvmeQueuePair queue;
    private final int namespaceId;
    private final int blocks;
    private final long places;
    private long state = 0x9E3779B97F4A7C15L;
    private long ended;
    private long busyNanos;
    private long polls;
    private long counted;
    private long end;

    private NvmeVfioUser(Reactor reactor, NvmeQueuePair queue, NvmeController controller) {
        this.reactor = reactor;
        this.queue = queue;
        var namespace = controller.namespaces().getFirst();
        namespaceId = namespace.nsid();
        blocks = BYTES / namespace.format().blockSize();
        places = namespace.blocks() / blocks;
    }

    private final class Read extends NvmeRequest {
        Read(long address) {
            super(1);
            command(Opcode.NVM_READ, namespaceId);
            data.set(address, BYTES);
        }

        void go() {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            range(Long.remainderUnsigned(state, places) * blocks, blocks);
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

    /** Polls until the time is up, a slice at a time so that the reactor may do what else it has to. */
    private void run(CountDownLatch done) {
        long stop = Math.min(end, System.nanoTime() + SLICE_NANOS);
        long now = System.nanoTime();
        while (now < stop) {
            int found = queue.poll(BATCH);
            long after = System.nanoTime();
            if (found > 0 && after - now < LONGEST_NANOS) {
                busyNanos += after - now;
                counted += found;
                polls++;
            }
            now = after;
        }
        if (now < end) {
            reactor.execute(() -> run(done));
        } else {
            done.countDown();
        }
    }

    private void measure(long nanos) throws InterruptedException {
        var done = new CountDownLatch(1);
        reactor.execute(() -> {
            ended = 0;
            busyNanos = 0;
            polls = 0;
            counted = 0;
            end = System.nanoTime() + nanos;
            run(done);
        });
        done.await();
    }

    public static void main(String[] arguments) throws Exception {
        int depth = Integer.parseInt(arguments[1]);
        long nanos = Long.parseLong(arguments[2]) * 1_000_000_000L;
        var environment = new LinuxEnvironment(MEMORY, false, true);
        var reactors = new PinnedReactors(environment);
        var driver = new PolledDriver(environment, reactors);
        driver.add(new VfioUserTransport(environment));
        NvmeController controller = driver.attach(TransportId.vfiouser(arguments[0]), ControllerOptions.standard());
        Reactor reactor = reactors.all().getFirst();
        reactor.idlePolicy(IdlePolicy.POLL);
        var bench = new NvmeVfioUser(reactor, controller.openQueuePair(reactor), controller);
        long memory = environment.memory().allocate("data", (long) depth * BYTES).address();
        reactor.execute(() -> {
            for (int i = 0; i < depth; i++) {
                bench.new Read(memory + (long) i * BYTES).go();
            }
        });
        bench.measure(nanos);
        bench.measure(nanos);
        System.out.printf("%.0f I/Os per second, %.1f found by a poll, driver ns per I/O: %.1f%n",
            bench.ended * 1e9 / nanos, (double) bench.counted / bench.polls, (double) bench.busyNanos / bench.counted);
        System.exit(0);
    }
}
