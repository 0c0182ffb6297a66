import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.nullblk.NullModule;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Random I/O on one block device from one reactor, as SPDK's bdevperf does it: so many I/Os in flight, each submitted again
 * when it ends; nobody looks at what was read. Warms up for as long as it measures, then prints the I/Os per second. Arguments: null or malloc, randread or
 * randwrite, depth, bytes, seconds.
 */
final class BdevPerf {
    private static final long MALLOC_BYTES = 256L << 20;
    private static final long NULL_BYTES = 1L << 30;
    private static final int BLOCK = 4096;

    /** What the reactor's thread had done at a time. */
    private record Sample(long ended, long nanos, long processorNanos) {}

    private static final class Io extends BdevIo {
        private final BdevPerf perf;

        Io(BdevPerf perf, IoType type, long address, int bytes) {
            super(1);
            this.perf = perf;
            this.type = type;
            takesZeros = true;
            blocks = bytes / BLOCK;
            data.set(address, bytes);
        }

        void go() {
            offsetBlocks = perf.place() * blocks;
            int status = perf.channel.submit(this);
            if (status != Status.OK) {
                throw new IllegalStateException("refused: " + Status.text(status));
            }
        }

        @Override
        protected void ended(int status) {
            if (status != Status.OK) {
                throw new IllegalStateException("failed: " + Status.text(status));
            }
            perf.ended++;
            if (perf.running) {
                go();
            }
        }
    }

    private final Reactor reactor;
    private final BdevChannel channel;
    private final long places;
    private long state = 0x9E3779B97F4A7C15L;
    private long ended;
    private volatile boolean running = true;

    private BdevPerf(Reactor reactor, BdevChannel channel, long places) {
        this.reactor = reactor;
        this.channel = channel;
        this.places = places;
    }

    /** A random place; the number of places is a power of two. */
    private long place() {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return state & places - 1;
    }

    public static void main(String[] arguments) throws Exception {
        boolean malloc = arguments[0].equals("malloc");
        IoType type = arguments[1].equals("randread") ? IoType.READ : IoType.WRITE;
        int depth = Integer.parseInt(arguments[2]);
        int bytes = Integer.parseInt(arguments[3]);
        long millis = Long.parseLong(arguments[4]) * 1000;

        var environment = new LinuxEnvironment();
        var reactors = new PinnedReactors(environment);
        var layer = new BlockLayer(environment, reactors);
        BdevModule module = malloc ? new MallocModule() : new NullModule();
        layer.addModule(module);
        long size = malloc ? MALLOC_BYTES : NULL_BYTES;
        call(module, malloc ? "bdev_malloc_create" : "bdev_null_create",
            Map.of("name", "disk", "num_blocks", size / BLOCK, "block_size", (long) BLOCK));
        // The last reactor does the I/O; the others sleep, and their processors compile.
        Reactor reactor = reactors.all().getLast();
        reactor.idlePolicy(IdlePolicy.POLL);
        BdevDescriptor descriptor = layer.open("disk", true, reactor, () -> { });
        BdevPerf perf = open(reactor, descriptor, size / bytes);
        long memory = environment.memory().allocate("data", (long) depth * bytes).address();
        reactor.execute(() -> {
            for (int i = 0; i < depth; i++) {
                new Io(perf, type, memory + (long) i * bytes, bytes).go();
            }
        });
        Thread.sleep(millis);
        Sample before = perf.sample();
        Thread.sleep(millis);
        Sample after = perf.sample();
        long count = after.ended - before.ended;
        System.out.printf("%.1f ns of processor time per I/O; I/Os per second: %.0f%n",
            (double) (after.processorNanos - before.processorNanos) / count, count * 1e9 / (after.nanos - before.nanos));
        System.exit(0);
    }

    private static BdevPerf open(Reactor reactor, BdevDescriptor descriptor, long places) {
        var opened = new CompletableFuture<BdevPerf>();
        reactor.execute(() -> {
            try {
                opened.complete(new BdevPerf(reactor, descriptor.openChannel(reactor), places));
            } catch (StorageException e) {
                opened.completeExceptionally(e);
            }
        });
        return opened.join();
    }

    private Sample sample() {
        var sample = new CompletableFuture<Sample>();
        reactor.execute(() -> sample.complete(
            new Sample(ended, System.nanoTime(), ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime())));
        return sample.join();
    }

    private static void call(BdevModule module, String name, Map<String, Object> parameters) throws Exception {
        RpcMethod method = ((RpcMethods) module).methods().stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
        method.handler().call(RpcChecks.check(method, new LinkedHashMap<>(parameters)));
    }
}
