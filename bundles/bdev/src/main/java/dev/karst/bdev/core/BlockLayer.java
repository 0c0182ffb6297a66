package dev.karst.bdev.core;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.Claim;
import dev.karst.bdev.MediaEvent;
import dev.karst.bdev.core.bounce.BounceBuffers;
import dev.karst.bdev.core.examine.Examinations;
import dev.karst.bdev.core.fence.Faults;
import dev.karst.bdev.core.geometry.GeometryChecks;
import dev.karst.bdev.core.left.LeftDevice;
import dev.karst.bdev.core.left.LeftDevices;
import dev.karst.bdev.core.notice.Arrivals;
import dev.karst.bdev.core.notice.Notices;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleHandOver;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The registry of all block devices, and the modules that they come from. Control threads. The lock guards the maps and
 * the devices' states; it is never held while something is waited for or a module or owner is called.
 */
@Component(immediate = true, configurationPid = "dev.karst.bdev", service = {BdevRegistry.class, BlockLayer.class})
@Designate(ocd = BdevSettings.class)
public final class BlockLayer implements BdevRegistry {
    static final int MAX_BDEVS = 65536;
    private static final int ZEROES_BYTES = 65536;

    final Object lock = new Object();
    private final Environment environment;
    private final Reactors reactors;
    private final LaneChannel.Turn[] turns;
    private final Parking parking = new Parking(this);
    private final Removal removal = new Removal(this);
    private final Modules modules = new Modules(this);
    private final Returning returning;
    private final List<CoreBdev> inOrder = new ArrayList<>();
    /** By name, alias and UUID. */
    private final Map<String, CoreBdev> byKey = new HashMap<>();
    private final Examinations examinations = new Examinations(
        task -> environment().threads().background().execute(task), bdev -> bdev.state() == State.ONLINE);
    private final Arrivals arrivals = new Arrivals();
    private final Lanes lanes = new Lanes(this);
    private final Fencing fencing = new Fencing(this);
    private final Notices notices = new Notices();
    private volatile Settings settings;
    private volatile Split.Zeroes zeroes;

    /**
     * What the block layer can be told, from the configuration {@code dev.karst.bdev}.
     *
     * @param parkTimeoutMs how long a device waits for its module to come back, in milliseconds
     * @param drainTimeoutMs how long I/O in flight may take to run out when a device goes; aborted at half of it
     * @param ioDepthPerChannel how many I/Os one channel holds, waiting ones included
     * @param ioTimeoutMs how long an I/O may take whose owner does not watch it, in milliseconds; 0 for any time
     * @param ioTimeoutAction what is done then: {@code log}, {@code abort} or {@code reset}
     * @param faults what a module may do wrong before it is fenced
     */
    record Settings(long parkTimeoutMs, long drainTimeoutMs, int ioDepthPerChannel, long ioTimeoutMs, String ioTimeoutAction,
        Faults.Limits faults) {
        static final Settings DEFAULT = new Settings(10_000, 2_000, 4096);

        /** What is configured; what lies outside of its range becomes the nearest that does not. */
        static Settings of(BdevSettings configured) {
            return new Settings(
                Math.clamp(configured.park_timeout_ms(), 1, 3_600_000),
                Math.clamp(configured.drain_timeout_ms(), 2, 600_000),
                Math.clamp(configured.io_depth_per_channel(), 1, 65536),
                Math.clamp(configured.io_timeout_ms(), 0, 86_400_000), configured.io_timeout_action(),
                new Faults.Limits(
                    Math.clamp(configured.fence_faults(), 0, 1_000_000), Math.clamp(configured.fence_window_ms(), 1, 86_400_000),
                    Math.clamp(configured.fence_held_ms(), 0, 86_400_000)));
        }

        Settings(long parkTimeoutMs, long drainTimeoutMs, int ioDepthPerChannel) {
            this(parkTimeoutMs, drainTimeoutMs, ioDepthPerChannel, 0, "log", Faults.Limits.DEFAULT);
        }
    }

    /**
     * A block layer with the devices that the last one in this environment left, if any, as soon as their modules come; with the settings
     * that hold when nothing is configured.
     */
    public BlockLayer(Environment environment, Reactors reactors) {
        this(environment, reactors, Settings.DEFAULT);
    }

    private BlockLayer(Environment environment, Reactors reactors, Settings settings) {
        this.environment = environment;
        this.reactors = reactors;
        this.turns = reactors.all().stream().map(reactor -> new LaneChannel.Turn(new BounceBuffers(reactor, environment)))
            .toArray(LaneChannel.Turn[]::new);
        this.settings = settings;
        this.returning = new Returning(this, LeftDevices.take(environment.keepsakes()));
        returning.begin();
    }

    /** For Declarative Services. */
    @Activate
    public BlockLayer(@Reference Environment environment, @Reference Reactors reactors, BdevSettings settings) {
        this(environment, reactors, Settings.of(settings));
    }

    @Modified
    void modified(BdevSettings settings) {
        settings(Settings.of(settings));
    }

    public Environment environment() {
        return environment;
    }

    public Reactors reactors() {
        return reactors;
    }

    LaneChannel.Turn turn(Reactor reactor) {
        return turns[reactor.id()];
    }

    /** The buffers of a reactor; it alone touches them. */
    public BounceBuffers buffers(Reactor reactor) {
        return turn(reactor).buffers;
    }

    Settings settings() {
        return settings;
    }

    void settings(Settings settings) {
        this.settings = settings;
    }

    Parking parking() {
        return parking;
    }

    /** What the lanes of devices count, measure and allow. */
    public Lanes lanes() {
        return lanes;
    }

    /** What happened to devices. */
    public Notices notices() {
        return notices;
    }

    /** What shows devices to the modules. */
    public Examinations examinations() {
        return examinations;
    }

    /** Shows a device to all modules that there are. */
    public void examine(CoreBdev bdev) {
        examinations.examine(bdev, modules.all());
    }

    /** What is kept for modules: the calls that devices come from, or the creations that wait for something. */
    public List<CreationRecord> kept(boolean first) {
        return first ? modules.first().stream().map(LeftDevice::record).toList() : modules.kept();
    }

    /** What moves devices between versions of a module. */
    public ModuleHandOver handOver() {
        return modules;
    }

    Modules modules() {
        return modules;
    }

    Removal removal() {
        return removal;
    }

    Fencing fencing() {
        return fencing;
    }

    Returning returning() {
        return returning;
    }

    Split.Zeroes zeroes() {
        return zeroes;
    }

    // Modules.

    /** A module is there: it is started, and its parked devices are brought back. Returns when that is done. */
    public void addModule(BdevModule module) {
        modules.add(module, module.getClass().getPackageName());
    }

    /** The same for Declarative Services, which know the module's bundle. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, unbind = "removeModule")
    void bindModule(BdevModule module, ServiceReference<BdevModule> reference) {
        modules.add(module, reference.getBundle().getSymbolicName() + " " + reference.getBundle().getVersion());
    }

    /**
     * A module goes: its devices are parked, or move over to another module of its name that is there already, and it
     * is stopped. Returns when it is out of use; waits no longer than a few times the drain's time-out.
     */
    public void removeModule(BdevModule module) {
        modules.remove(module);
    }

    /**
     * The block layer goes: all devices are removed and all modules stopped. Named memory and files stay, and what is to be there again
     * is left for the next block layer.
     */
    @Deactivate
    public void close() {
        List<LeftDevice> left = new ArrayList<>(modules.first());
        present().forEach(bdev -> left.add(new LeftDevice(bdev.moduleName(), bdev.record())));
        left.addAll(returning.remaining());
        modules.stopAll();
        remaining().reversed().forEach(removal::leave);
        LeftDevices.leave(environment.keepsakes(), left);
        reactors.all().forEach(reactor -> reactor.execute(turn(reactor).buffers::close));
    }

    // The registry.

    @Override
    public List<Bdev> all() {
        return List.copyOf(remaining());
    }

    List<CoreBdev> remaining() {
        synchronized (lock) {
            return List.copyOf(inOrder);
        }
    }

    /** Whether a device is gone that nobody deleted, since its module was away for too long. */
    public boolean hasLostDevice() {
        return parking.hasGivenUp() || returning.hasGivenUp();
    }

    /** Those that clients see: neither coming nor going. */
    public List<CoreBdev> present() {
        return remaining().stream().filter(BlockLayer::isPresent).toList();
    }

    private static boolean isPresent(CoreBdev bdev) {
        return bdev.state() != State.REGISTERING && bdev.state() != State.REMOVING;
    }

    @Override
    public Optional<Bdev> find(String name) {
        return Optional.ofNullable(lookUp(name));
    }

    private CoreBdev lookUp(String name) {
        synchronized (lock) {
            CoreBdev bdev = byKey.get(name);
            return bdev != null ? bdev : byKey.get(name.toLowerCase(Locale.ROOT));
        }
    }

    /** A device that clients see. */
    public Optional<CoreBdev> findPresent(String name) {
        return Optional.ofNullable(lookUp(name)).filter(BlockLayer::isPresent);
    }

    @Override
    public BdevDescriptor open(String name, boolean write, Reactor listener, BdevEvents events) throws StorageException {
        return open(name, write, false, listener, events);
    }

    @Override
    public BdevDescriptor openWithoutMetadata(String name, boolean write, Reactor listener, BdevEvents events)
        throws StorageException {
        return open(name, write, true, listener, events);
    }

    private BdevDescriptor open(String name, boolean write, boolean hides, Reactor listener, BdevEvents events)
        throws StorageException {
        synchronized (lock) {
            CoreBdev bdev = findPresent(name).orElseThrow(() -> Failures.noSuchBdev(name));
            if (write && bdev.readOnly()) {
                throw StorageException.failure(Errno.EROFS, bdev.name() + " cannot be written; open it for reading");
            }
            if (write) {
                bdev.claims.checkWriting();
            }
            var descriptor = new CoreDescriptor(this, bdev, write, hides, listener, events);
            bdev.add(descriptor);
            return descriptor;
        }
    }

    @Override
    public void claim(BdevDescriptor descriptor, Claim claim) throws StorageException {
        CoreDescriptor holder = (CoreDescriptor) descriptor;
        synchronized (lock) {
            holder.bdev().claims.claim(holder, claim);
        }
    }

    @Override
    public void release(BdevDescriptor descriptor) {
        CoreDescriptor holder = (CoreDescriptor) descriptor;
        synchronized (lock) {
            holder.bdev().claims.release(holder);
        }
    }

    /** A device that was parked is back, or gone; callers hold the lock. */
    void forgetClaims(CoreBdev parked) {
        inOrder.forEach(bdev -> bdev.claims.forget(parked));
    }

    void closed(CoreDescriptor descriptor) {
        CompletableFuture<Void> told;
        synchronized (lock) {
            told = descriptor.bdev().remove(descriptor);
        }
        if (told != null) {
            told.complete(null);
        }
    }

    /** Waits for a device of that name to come. */
    public Optional<CoreBdev> await(String name, long timeoutMs) {
        CompletableFuture<Void> there;
        synchronized (lock) {
            if (findPresent(name).isPresent() || timeoutMs == 0) {
                return findPresent(name);
            }
            there = arrivals.expect(name);
        }
        Drain.within(reactors, there, timeoutMs);
        arrivals.forget(there);
        return findPresent(name);
    }

    // What modules ask for.

    void register(Modules.Host host, ModuleBdev module, CreationRecord record) throws StorageException {
        GeometryChecks.check(module);
        makeZeroes();
        CoreBdev parked;
        CoreBdev added = null;
        synchronized (lock) {
            host.check();
            parked = parkedFor(host, module.geometry().name());
            if (parked == null) {
                parking.checkNotGone(module.geometry().name());
                added = add(host, module, record);
            } else {
                GeometryChecks.checkSuccessor(parked.geometry(), parked.capabilities(), parked.compareAndWriteBlocks(), module);
                parked.begin(State.ATTACHING);
            }
        }
        if (parked == null) {
            arrivals.came(keys(module.geometry()));
            fencing.inherit(added, host);
            examinations.examine(added, modules.all());
        } else {
            parking.attach(parked, host, module);
            fencing.inherit(parked, host);
        }
    }

    private void makeZeroes() throws StorageException {
        if (zeroes == null) {
            Region region = environment.memory().named("bdev.zeroes", ZEROES_BYTES);
            zeroes = new Split.Zeroes(region.address(), ZEROES_BYTES);
        }
    }

    private CoreBdev parkedFor(Modules.Host host, String name) {
        CoreBdev bdev = byKey.get(name);
        boolean waits = bdev != null && bdev.state() == State.PARKED && bdev.moduleName().equals(host.moduleName());
        return waits ? bdev : null;
    }

    private CoreBdev add(Modules.Host host, ModuleBdev module, CreationRecord record) throws StorageException {
        Geometry geometry = module.geometry();
        if (inOrder.size() >= MAX_BDEVS) {
            throw StorageException.failure(Errno.ENOSPC, "there are " + MAX_BDEVS + " block devices, the most; delete one");
        }
        List<String> keys = keys(geometry);
        for (String key : keys) {
            CoreBdev holder = byKey.get(key);
            if (holder != null) {
                throw StorageException.failure(Errno.EEXIST, "the block device " + geometry.name()
                    + " cannot have the name, alias or UUID " + key + ", which " + holder.name() + " has; choose another");
            }
        }
        var bdev = new CoreBdev(this, host, module, record);
        inOrder.add(returning.place(geometry.name(), inOrder), bdev);
        keys.forEach(key -> byKey.put(key, bdev));
        bdev.state(State.ONLINE);
        notices.add(Notices.Kind.BDEV_REGISTER, geometry.name());
        return bdev;
    }

    private static List<String> keys(Geometry geometry) {
        List<String> keys = new ArrayList<>(geometry.aliases());
        keys.add(geometry.name());
        keys.add(geometry.uuid().toString());
        return keys.stream().distinct().toList();
    }

    void unregister(Modules.Host host, String name) throws StorageException {
        if (!removal.remove(ownedBy(host, name))) {
            throw Failures.noSuchBdev(name);
        }
    }

    private CoreBdev ownedBy(Modules.Host host, String name) throws StorageException {
        CoreBdev bdev = lookUp(name);
        if (bdev == null) {
            throw Failures.noSuchBdev(name);
        }
        if (bdev.host() != host) {
            throw StorageException.failure(Errno.ENODEV, name + " is of the module " + bdev.moduleName() + " and "
                + bdev.state().name().toLowerCase(Locale.ROOT) + ", not of " + host.moduleName());
        }
        return bdev;
    }

    void resized(Modules.Host host, String name, long blocks) throws StorageException {
        CoreBdev bdev = ownedBy(host, name);
        if (blocks <= 0 || blocks > Long.MAX_VALUE / bdev.blockSize()) {
            throw StorageException.failure(Errno.EINVAL, name + " cannot have " + blocks + " blocks");
        }
        if (bdev.blocks() == blocks) {
            return;
        }
        lanes.resize(bdev, blocks);
        synchronized (lock) {
            notices.add(Notices.Kind.BDEV_RESIZE, name);
            bdev.resized(bdev.geometry().sized(blocks));
            bdev.tell(events -> events.resized(blocks));
        }
    }

    void mediaEvents(Modules.Host host, String name, List<MediaEvent> events) throws StorageException {
        CoreBdev bdev = ownedBy(host, name);
        for (MediaEvent event : events) {
            if (event.blocks() < 1 || bdev.geometry().checkRange(event.offsetBlocks(), event.blocks()) != Status.OK) {
                throw StorageException.failure(Errno.EINVAL, event + " does not lie within " + name);
            }
        }
        synchronized (lock) {
            bdev.tell(events);
        }
    }

    void resized(Modules.Host host, String name, long blocks, CreationRecord record) throws StorageException {
        resized(host, name, blocks);
        ownedBy(host, name).record(record);
    }

    // For the changes of state; callers hold the lock.

    boolean knows(CoreBdev bdev) {
        return inOrder.contains(bdev);
    }

    void forget(CoreBdev bdev) {
        inOrder.remove(bdev);
        notices.add(Notices.Kind.BDEV_UNREGISTER, bdev.name());
        byKey.values().removeIf(other -> other == bdev);
        forgetClaims(bdev);
    }
}
