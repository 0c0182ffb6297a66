package dev.karst.vhost.session;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.env.unix.Signal;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.ring.DirtyLog;
import dev.karst.vhost.ring.GuestMemory;
import dev.karst.vhost.ring.Ring;
import dev.karst.vhost.ring.RingSetup;
import dev.karst.vhost.ring.RingSupport;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The queues of a session: starts and stops them on their reactors, and waits for that. */
final class Vrings {
    private static final Logger LOG = System.getLogger(Vrings.class.getName());
    private static final long PATIENCE_MS = 30_000;

    private final Device device;
    private final Environment environment;
    private final Reactors reactors;
    private final Map<Integer, Vring> vrings = new TreeMap<>();
    private final Map<Integer, Region> scratches = new TreeMap<>();

    Vrings(Device device, Environment environment, Reactors reactors) {
        this.device = device;
        this.environment = environment;
        this.reactors = reactors;
    }

    /** The queue of that number, which the device has. */
    Vring vring(long index) throws StorageException {
        if (index < 0 || index >= device.maxQueues()) {
            throw new Vring((int) index).refused("the device has " + device.maxQueues());
        }
        return vrings.computeIfAbsent((int) index, Vring::new);
    }

    Collection<Vring> all() {
        return vrings.values();
    }

    /**
     * Whether those that run could go on so.
     *
     * @throws StorageException EINVAL when one could not
     */
    void check(GuestMemory memory, long features) throws StorageException {
        for (Vring vring : all()) {
            if (vring.queue != null) {
                vring.areas(memory, features);
            }
        }
    }

    /** Starts it, if all has been said that it needs. */
    void start(Vring vring, Agreement agreement) throws StorageException {
        if (vring.queue != null || !vring.isReady()) {
            return;
        }
        GuestMemory memory = agreement.memory();
        DirtyLog log = agreement.log();
        var support = new RingSupport(scratch(vring), agreement.inflight().address(vring), log, log == null ? 0 : vring.place.usedGuest());
        var setup = new RingSetup(
            vring.size, agreement.features(), memory, vring.areas(memory, agreement.features()), vring.base, support);
        var signals = new QueueSignals(vring.kick, vring.call, vring.err);
        Reactor reactor = device.reactor(vring.index);
        var started = new CompletableFuture<Queue>();
        reactor.execute(() -> {
            try {
                started.complete(new Queue(device, vring.index, reactor, setup, signals));
            } catch (StorageException | RuntimeException | Error e) {
                // Whatever it is, it is waited for. An InternalError is what an access to memory says whose file was cut short.
                started.completeExceptionally(e);
            }
        });
        vring.queue = await(started, "the start of queue " + vring.index);
    }

    /**
     * Waits for a reactor, however long that takes: a queue that the session knows nothing of would go on in memory that is given back.
     *
     * @throws StorageException what the future failed with
     */
    private <T> T await(CompletableFuture<T> future, String what) throws StorageException {
        boolean interrupted = false;
        try {
            for (;;) {
                try {
                    return reactors.await(future, PATIENCE_MS, what);
                } catch (StorageException e) {
                    if (future.isCompletedExceptionally()) {
                        throw e;
                    }
                    interrupted |= Thread.interrupted();
                    LOG.log(Level.WARNING, "{0} waits on: {1}", device.name(), e.getMessage());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * What holds for all queues.
     *
     * @param features what device and driver agreed upon
     * @param log null while writes are not noted
     */
    record Agreement(long features, GuestMemory memory, InflightMemory inflight, DirtyLog log) {}

    private long scratch(Vring vring) throws StorageException {
        Region region = scratches.get(vring.index);
        if (region == null) {
            region = environment.memory().allocate("vhost queue", Ring.SCRATCH_BYTES + DeviceQueue.SCRATCH_BYTES);
            scratches.put(vring.index, region);
        }
        return region.address();
    }

    /** Stops it, if it runs, and returns when nothing of it is in flight. */
    void stop(Vring vring) {
        stop(List.of(vring));
    }

    /** Stops those that run, and returns when nothing of theirs is in flight, however long that takes: the memory is theirs until then. */
    void stop(Collection<Vring> these) {
        List<CompletableFuture<Void>> stopped = new ArrayList<>();
        for (Vring vring : these) {
            Queue queue = vring.queue;
            if (queue != null) {
                vring.queue = null;
                var done = new CompletableFuture<Void>();
                stopped.add(done);
                queue.reactor().execute(() -> queue.stop(() -> {
                    vring.base = queue.base();
                    done.complete(null);
                }));
            }
        }
        try {
            await(CompletableFuture.allOf(stopped.toArray(CompletableFuture[]::new)), "the end of the requests in flight");
        } catch (StorageException e) {
            throw new AssertionError("nothing of it fails", e);
        }
    }

    /** The queue tells the driver by these from now on, if it runs. */
    void tellBy(Vring vring, Signal call, Signal err) throws StorageException {
        Signal oldCall = vring.call;
        Signal oldErr = vring.err;
        vring.call = call;
        vring.err = err;
        Queue queue = vring.queue;
        if (queue != null) {
            var told = new CompletableFuture<Void>();
            queue.reactor().execute(() -> {
                queue.signals(call, err);
                told.complete(null);
            });
            await(told, "the signals of queue " + vring.index);
        }
        if (oldCall != call) {
            Vring.close(oldCall);
        }
        if (oldErr != err) {
            Vring.close(oldErr);
        }
    }

    /** Stops all, and gives everything back. */
    void close() {
        stop(all());
        all().forEach(Vring::close);
        scratches.values().forEach(environment.memory()::free);
        vrings.clear();
        scratches.clear();
    }
}
