package dev.karst.nvme.tools;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.pcie.BusTransport;
import dev.karst.nvme.tcp.TcpFabrics;
import dev.karst.nvme.vfiouser.VfioUserTransport;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.reactor.core.PinnedReactors;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How many requests a second a controller does for this driver, and how long they take. See {@link Options#USAGE}. */
public final class NvmePerf {
    private static final double[] PERCENTILES = {1, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99};
    private static final int WARM_UP_MS = 2_000;
    private static final int DRAIN_MS = 30_000;
    private static final long POLL_MS = 20;
    private static final int MEBI = 1 << 20;
    private static final int MICRO = 1_000;

    private final Environment environment;
    private final Reactors reactors;
    private final Options options;
    private final PrintStream out;
    private final List<Load> loads = new ArrayList<>();
    private final List<Region> memory = new ArrayList<>();

    private NvmePerf(Environment environment, Reactors reactors, Options options, PrintStream out) {
        this.environment = environment;
        this.reactors = reactors;
        this.options = options;
        this.out = out;
    }

    /** The program; its exit status is 1 after an error, which it prints. */
    public static void main(String[] arguments) {
        if (!run(arguments, System.out, System.err)) {
            System.exit(1);
        }
    }

    /** The same, with where it prints; false after an error. */
    static boolean run(String[] arguments, PrintStream out, PrintStream errors) {
        if (List.of(arguments).contains("--help")) {
            out.println(Options.USAGE);
            return true;
        }
        try {
            Options options = Options.parse(arguments);
            var environment = new LinuxEnvironment(0, true, options.id().type().equals("VFIOUSER"));
            var reactors = new PinnedReactors(environment);
            var driver = new PolledDriver(environment, reactors);
            try {
                driver.add(new BusTransport(environment));
                driver.add(new TcpFabrics(environment, reactors));
                driver.add(new VfioUserTransport(environment));
                new NvmePerf(environment, reactors, options, out).run(driver);
            } finally {
                driver.close();
                reactors.stop();
                environment.close();
            }
            return true;
        } catch (StorageException e) {
            errors.println("nvme-perf: " + e.getMessage());
            return false;
        }
    }

    private void run(PolledDriver driver) throws StorageException {
        TransportId id = options.id();
        NvmeController controller = driver.attach(id, ControllerOptions.standard());
        out.println(controller.data().modelNumber() + " (" + controller.data().serialNumber() + "), " + id);
        NvmeNamespace namespace = namespace(controller);
        List<Reactor> taking = reactors.all().subList(0, Math.min(options.reactors(), reactors.all().size()));
        List<NvmeQueuePair> queues = new ArrayList<>();
        for (Reactor reactor : taking) {
            reactor.idlePolicy(IdlePolicy.POLL);
            NvmeQueuePair queue = controller.openQueuePair(reactor);
            queues.add(queue);
            start(queue, namespace);
        }
        pause(WARM_UP_MS);
        each(queues, (queue, load) -> load.measure());
        long begun = environment.clock().nanos();
        pause(options.seconds() * 1_000L);
        long nanos = environment.clock().nanos() - begun;
        each(queues, (queue, load) -> load.stop());
        drain(queues);
        report(nanos);
        memory.forEach(environment.memory()::free);
    }

    private NvmeNamespace namespace(NvmeController controller) throws StorageException {
        NvmeNamespace found = controller.namespaces().stream()
            .filter(namespace -> options.nsid() == 0 || namespace.nsid() == options.nsid()).findFirst().orElseThrow(
                () -> StorageException.errno(Errno.ENODEV, "the controller has no namespace " + (options.nsid() == 0 ? "" : options.nsid())));
        int block = found.format().bufferBytes();
        if (options.pattern().bytes() < block || options.pattern().bytes() % block != 0) {
            throw StorageException.errno(Errno.EINVAL, "-o must be a multiple of " + block + ", the bytes of a block");
        }
        return found;
    }

    private void start(NvmeQueuePair queue, NvmeNamespace namespace) throws StorageException {
        Load.Pattern pattern = options.pattern();
        var fitting = new Load.Pattern(Math.min(pattern.depth(), queue.depth()), pattern.bytes(), pattern.random(), pattern.readPercent());
        Region region = environment.memory().allocate("nvme-perf", (long) fitting.depth() * fitting.bytes());
        memory.add(region);
        var load = new Load(queue, namespace, fitting, environment.clock(), 0x9E37_79B9_7F4A_7C15L * (loads.size() + 1));
        loads.add(load);
        reactors.call(queue.reactor(), reactor -> {
            load.start(region.address());
            return null;
        });
    }

    /** What is done with a queue and its load. */
    private interface Step {
        void with(NvmeQueuePair queue, Load load);
    }

    private void each(List<NvmeQueuePair> queues, Step step) throws StorageException {
        for (int i = 0; i < queues.size(); i++) {
            NvmeQueuePair queue = queues.get(i);
            Load load = loads.get(i);
            reactors.call(queue.reactor(), reactor -> {
                step.with(queue, load);
                return null;
            });
        }
    }

    private void pause(long millis) throws StorageException {
        var over = new CompletableFuture<Boolean>().completeOnTimeout(true, millis, TimeUnit.MILLISECONDS);
        while (!over.isDone()) {
            for (Load load : loads) {
                if (load.failure() != null) {
                    throw StorageException.errno(Errno.EIO, load.failure());
                }
            }
            nap();
        }
    }

    private void nap() throws StorageException {
        reactors.await(new CompletableFuture<Boolean>().completeOnTimeout(true, POLL_MS, TimeUnit.MILLISECONDS), DRAIN_MS, "time to pass");
    }

    private void drain(List<NvmeQueuePair> queues) throws StorageException {
        for (int i = 0; i < queues.size(); i++) {
            Load load = loads.get(i);
            for (int waited = 0; reactors.call(queues.get(i).reactor(), reactor -> load.inFlight()) > 0; waited += (int) POLL_MS) {
                if (waited > DRAIN_MS) {
                    throw StorageException.errno(Errno.ETIMEDOUT, "requests do not end");
                }
                nap();
            }
        }
    }

    private void report(long nanos) {
        var all = new Latencies();
        loads.forEach(load -> all.add(load.latencies()));
        double seconds = nanos / 1e9;
        out.printf(
            Locale.ROOT, "%,.0f I/Os a second, %,.1f MiB/s; latency mean %.2f us, least %.2f, most %.2f%n", all.count() / seconds,
            all.count() / seconds * options.pattern().bytes() / MEBI, us(all.mean()), us(all.least()), us(all.most()));
        if (options.latencies()) {
            for (double percentile : PERCENTILES) {
                out.printf(Locale.ROOT, "%7.2f %% below %10.2f us%n", percentile, us(all.percentile(percentile)));
            }
        }
    }

    private static double us(long nanos) {
        return (double) nanos / MICRO;
    }
}
