package dev.karst.nvmf.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.BdevRegistry;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.nvmf.NvmfConnection;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfQueue;
import dev.karst.nvmf.NvmfTransportProvider;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.core.admin.AdminCommands;
import dev.karst.nvmf.core.handover.LeftState;
import dev.karst.nvmf.core.handover.QueueState;
import dev.karst.nvmf.core.io.IoCommands;
import dev.karst.nvmf.core.model.ConnectFields;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.DiscoverySnapshot;
import dev.karst.nvmf.core.model.Listener;
import dev.karst.nvmf.core.model.ReactorGroup;
import dev.karst.nvmf.core.model.SizeLimits;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.nvmf.core.model.Target;
import dev.karst.nvmf.core.model.TargetQueue;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.rpc.RpcError;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvmf.Nqn;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The target: its transports, subsystems, namespaces and listeners. Control threads change it, one at a time; what
 * reactors read of it is immutable and replaced.
 */
@Component(immediate = true, configurationPid = "dev.karst.nvmf", service = NvmfTarget.class)
@Designate(ocd = NvmfSettings.class)
public final class NvmfTarget implements NvmfHost, Target {
    /** Subsystems at once at most, beside the discovery subsystem. */
    public static final int MAX_SUBSYSTEMS = 0xffff;
    /** How many there may be until somebody says otherwise. */
    public static final int USUAL_MAX_SUBSYSTEMS = 1024;
    /** NSIDs of a subsystem at most. */
    public static final int MAX_NAMESPACES = 1024;

    private static final Logger LOG = System.getLogger(NvmfTarget.class.getName());
    static final long WAIT_MS = 20_000;
    private static final long REFUSAL_LOG_NANOS = 1_000_000_000;
    private static final long MAX_HANDOVER_MS = 60_000;

    /** The namespaces of the subsystems. */
    public final NamespaceAdmin namespaces;
    /** Where the subsystems can be reached. */
    public final ListenerAdmin listeners;
    /** Who may use the subsystems. */
    public final HostAdmin hosts;
    /** What hosts are told of all this. */
    public final Discovery discovery;

    private final Environment environment;
    private final Reactors reactors;
    private final Region pages;
    private final List<ReactorGroup> groups = new ArrayList<>();
    private final Transports transports;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Map<String, Subsystem> subsystems;
    private volatile int maxSubsystems = USUAL_MAX_SUBSYSTEMS;
    private volatile RetryDelays retryDelays = RetryDelays.NONE;
    private volatile long lastRefusalNanos;

    /**
     * A target without transports, with the discovery subsystem.
     *
     * @throws StorageException ENOMEM
     */
    public NvmfTarget(Environment environment, Reactors reactors, BdevRegistry bdevs) throws StorageException {
        this.environment = environment;
        this.reactors = reactors;
        transports = new Transports(this);
        namespaces = new NamespaceAdmin(this, bdevs);
        listeners = new ListenerAdmin(this, transports);
        hosts = new HostAdmin(this);
        discovery = new Discovery(this, transports);
        pages = environment.memory().allocate("nvmf", (long) reactors.all().size() * ReactorGroup.PAGE_BYTES);
        var admin = new AdminCommands();
        var io = new IoCommands(admin);
        for (Reactor reactor : reactors.all()) {
            long page = pages.address() + (long) groups.size() * ReactorGroup.PAGE_BYTES;
            groups.add(new ReactorGroup(reactor, this, admin, io, page));
        }
        var spec = new Subsystem.Spec(
            Nqn.DISCOVERY, "00000000000000000000", "Karst", 0, Subsystem.MIN_CNTLID, Subsystem.MAX_CNTLID, false,
            SizeLimits.USUAL, false);
        subsystems = Map.of(Nqn.DISCOVERY, new Subsystem(spec, true));
        lastRefusalNanos = environment.clock().nanos() - REFUSAL_LOG_NANOS;
    }

    /** For Declarative Services. */
    @Activate
    public NvmfTarget(
        @Reference Environment environment, @Reference Reactors reactors, @Reference BdevRegistry bdevs,
        NvmfSettings settings)
        throws StorageException {
        this(environment, reactors, bdevs);
        modified(settings);
    }

    @Modified
    public void modified(NvmfSettings settings) {
        allowRemote(settings.allow_remote());
        transports.handoverTimeoutMs(Math.clamp(settings.handover_timeout_ms(), 1, MAX_HANDOVER_MS));
    }

    @Override
    public Environment environment() {
        return environment;
    }

    @Override
    public Reactors reactors() {
        return reactors;
    }

    @Override
    public NvmfQueue open(NvmfConnection connection) {
        return new TargetQueue(connection, groups.get(connection.reactor().id()));
    }

    /** A kind of transport is there. Control threads. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addProvider(NvmfTransportProvider provider) {
        locked(() -> transports.add(provider));
    }

    /** A kind of transport goes: its connections end. Control threads. */
    public void removeProvider(NvmfTransportProvider provider) {
        locked(() -> transports.remove(provider));
    }

    /** Whether listeners that other machines can reach are allowed. */
    public void allowRemote(boolean allow) {
        locked(() -> transports.allowRemote(allow));
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    /** A change of the control plane. */
    @FunctionalInterface
    public interface Change<T> {
        T run() throws StorageException;
    }

    /** What was published before, every reactor goes by when this returns. */
    void settle() throws StorageException {
        reactors.forEach(_ -> { });
    }

    /** Runs one change, after those before it. */
    <T> T change(Change<T> change) throws StorageException {
        lock.lock();
        try {
            return change.run();
        } finally {
            lock.unlock();
        }
    }

    public TransportOptions defaults(String type) throws StorageException {
        return change(() -> transports.defaults(type));
    }

    public void createTransport(String type, TransportOptions options) throws StorageException {
        change(() -> {
            if (options.difInsertOrStrip() && subsystems.values().stream().anyMatch(Subsystem::showsProtection)) {
                throw RpcError.invalidParameters("Invalid parameters: dif_insert_or_strip comes too late for namespaces that "
                    + "show protection information; remove them, make the transport, and add them again");
            }
            transports.create(type, options);
            return null;
        });
    }

    /** Whether a transport shows hosts no protection information. Under the lock. */
    boolean stripsProtection() {
        return transports.all().stream().anyMatch(slot -> slot.options.difInsertOrStrip());
    }

    public List<Transports.Slot> transports() {
        lock.lock();
        try {
            return transports.all();
        } finally {
            lock.unlock();
        }
    }

    /** The subsystem of that name, or null. Any thread. */
    @Override
    public Subsystem subsystem(String nqn) {
        return subsystems.get(nqn);
    }

    /** All, the discovery subsystem first. Any thread. */
    public Collection<Subsystem> subsystems() {
        return subsystems.values();
    }

    public List<ReactorGroup> groups() {
        return groups;
    }

    @Override
    public DiscoverySnapshot discovery() {
        return discovery.snapshot();
    }

    /**
     * Holds the commands of a subsystem, and returns once none that came before does I/O. Hosts see slow answers; what
     * keeps their connections alive is answered.
     *
     * @throws StorageException ETIMEDOUT when I/O in flight does not end; then the subsystem goes on
     */
    public void pause(Subsystem subsystem) throws StorageException {
        change(() -> {
            if (subsystem.isPaused()) {
                throw RpcError.invalidParameters("Invalid parameters: " + subsystem.nqn + " is paused already");
            }
            subsystem.paused(true);
            var idle = new CompletableFuture<Void>();
            var left = new AtomicInteger(groups.size());
            for (ReactorGroup group : groups) {
                group.reactor.execute(() -> group.pause(subsystem, () -> {
                    if (left.decrementAndGet() == 0) {
                        idle.complete(null);
                    }
                }));
            }
            try {
                return reactors.await(idle, WAIT_MS, "the I/O of " + subsystem.nqn);
            } catch (StorageException e) {
                goOn(subsystem);
                throw e;
            }
        });
    }

    /** Lets the commands of a subsystem go on, in order of their arrival. */
    public void resume(Subsystem subsystem) throws StorageException {
        change(() -> {
            if (!subsystem.isPaused()) {
                throw RpcError.invalidParameters("Invalid parameters: " + subsystem.nqn + " is not paused");
            }
            goOn(subsystem);
            return null;
        });
    }

    private void goOn(Subsystem subsystem) throws StorageException {
        subsystem.paused(false);
        reactors.forEach(reactor -> groups.get(reactor.id()).resume(subsystem));
        eachController(subsystem, Controller::resume);
    }

    @Override
    public RetryDelays retryDelays() {
        return retryDelays;
    }

    /** Tells hosts that identify a controller from now on of other delays. */
    public void retryDelays(RetryDelays delays) {
        retryDelays = delays;
    }

    /** How many subsystems there may be, beside the discovery subsystem. */
    public int maxSubsystems() {
        return maxSubsystems;
    }

    /** Limits how many subsystems there may be; not below those there are. */
    public void maxSubsystems(int most) throws StorageException {
        change(() -> {
            if (most < subsystems.size() - 1) {
                throw RpcError.invalidParameters(
                    "Invalid parameters: there are " + (subsystems.size() - 1) + " subsystems");
            }
            maxSubsystems = most;
            return null;
        });
    }

    public void createSubsystem(Subsystem.Spec spec, boolean anyHost) throws StorageException {
        change(() -> {
            String problem = !Nqn.isWellFormed(spec.nqn()) ? "that is no NQN such as nqn.2016-06.io.spdk:cnode1"
                : subsystems.containsKey(spec.nqn()) ? "there is one of that name"
                : subsystems.size() > maxSubsystems ? "there are " + maxSubsystems + " already" : null;
            if (problem != null) {
                throw new StorageException(
                    RpcError.INTERNAL_ERROR, "Unable to create subsystem " + spec.nqn() + ": " + problem);
            }
            var subsystem = new Subsystem(spec, false);
            subsystem.anyHost(anyHost);
            var more = new LinkedHashMap<>(subsystems);
            more.put(spec.nqn(), subsystem);
            subsystems = more;
            return null;
        });
    }

    public void deleteSubsystem(Subsystem subsystem) throws StorageException {
        change(() -> {
            var fewer = new LinkedHashMap<>(subsystems);
            fewer.remove(subsystem.nqn);
            subsystems = fewer;
            discovery.changed();
            try {
                end(subsystem);
            } finally {
                unlistenAll(subsystem);
            }
            return null;
        });
    }

    /** Ends it. What does not end in time still gives its devices back, as soon as their I/O has run out. */
    private void end(Subsystem subsystem) throws StorageException {
        CompletableFuture<Void> deleted = subsystem.delete();
        eachController(subsystem, controller -> controller.disconnect("the subsystem was deleted"));
        try {
            reactors.await(deleted, WAIT_MS, "the controllers of " + subsystem.nqn);
        } finally {
            namespaces.detachAll(subsystem);
        }
    }

    private void unlistenAll(Subsystem subsystem) {
        for (Listener listener : subsystem.listeners()) {
            try {
                transports.unlisten(listener.address);
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "{0} of {1} did not close cleanly: {2}", listener.address, subsystem.nqn,
                    e.getMessage());
            }
        }
    }

    /** Does something with each controller, on its reactor. */
    static void eachController(Subsystem subsystem, Consumer<Controller> action) {
        for (Controller controller : subsystem.controllers()) {
            controller.reactor().execute(() -> action.accept(controller));
        }
    }

    @Override
    public byte[] handOver(TargetQueue queue) {
        return QueueState.handOver(queue);
    }

    @Override
    public void takeOver(TargetQueue queue, byte[] state, Consumer<String> done) {
        QueueState.takeOver(queue, state, done);
    }

    /** A Connect was refused: said once in a while, so that a person can help. */
    @Override
    public void refused(NvmfConnection connection, ConnectFields fields, int status) {
        long now = environment.clock().nanos();
        if (now - lastRefusalNanos < REFUSAL_LOG_NANOS) {
            return;
        }
        lastRefusalNanos = now;
        LOG.log(Level.INFO, "refused queue {0} of host {1} for {2} from {3}: {4}", fields.qid(), fields.hostNqn(),
            fields.subNqn(), connection.peer(), NvmeStatus.text(status));
    }

    /** Leaves its connections, at rest, to the next target, and gives everything else back. Control threads. */
    @Deactivate
    public void leave() {
        end(() -> {
            transports.parkAll();
            for (Subsystem subsystem : subsystems.values()) {
                LeftState.leave(environment, subsystem, transports.handoverTimeoutMs());
            }
        });
    }

    /** Ends all connections and gives everything back. Control threads. */
    public void close() {
        end(transports::closeAll);
    }

    private void end(Runnable connections) {
        locked(() -> {
            connections.run();
            boolean clean = true;
            for (Subsystem subsystem : subsystems.values()) {
                clean &= endQuietly(subsystem);
            }
            if (clean) {
                environment.memory().free(pages);
            }
        });
    }

    /** What does not end in time keeps its memory. */
    private boolean endQuietly(Subsystem subsystem) {
        try {
            end(subsystem);
            return true;
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} did not end cleanly: {1}", subsystem.nqn, e.getMessage());
            return false;
        }
    }
}
