package dev.karst.bdev.core;

import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevStatistics;
import dev.karst.bdev.Claim;
import dev.karst.bdev.IoType;
import dev.karst.bdev.MediaEvent;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.core.claim.Claims;
import dev.karst.bdev.core.limit.RateLimit;
import dev.karst.bdev.core.limit.Rates;
import dev.karst.bdev.core.lock.RangeLocks;
import dev.karst.bdev.core.measure.Counters;
import dev.karst.bdev.core.measure.Latencies;
import dev.karst.bdev.core.measure.QueueDepth;
import dev.karst.bdev.core.shape.Capabilities;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.reactor.Reactor;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * One block device. What changes is guarded by the block layer's lock, and volatile where others read it; what lies on
 * the I/O path is in the lanes.
 */
public final class CoreBdev implements Bdev, Claims.Claimed {
    private static final System.Logger LOG = System.getLogger(CoreBdev.class.getName());

    private final String moduleName;
    private final List<CoreDescriptor> descriptors = new ArrayList<>();
    private final LongAdder moduleFailures = new LongAdder();
    final Claims claims = new Claims(this);
    final Lane[] lanes;
    final Resets resets;
    final QueueDepth queueDepth;
    final RangeLocks locks;
    final Fencing fencing;

    private volatile State state = State.REGISTERING;
    private volatile CreationRecord record;
    private volatile Geometry geometry;
    /** Null while it is away. */
    private volatile ModuleBdev module;
    /** What the module that went left behind, until a successor takes it over; null while there is nothing. */
    private Leftover leftover;
    private volatile Capabilities capabilities;
    private volatile int compareAndWriteBlocks;
    private volatile Modules.Host host;
    /** Why its module is fenced; null while it is not. */
    private volatile String fence;
    /** Null while latencies are not measured. */
    private volatile Latencies.Settings latencies;
    private volatile Limit limit = new Limit(Rates.NONE, null);
    /** Told when the present change of state is over; null while there is none. */
    private CompletableFuture<Void> change;
    /** Told when the last descriptor is closed; null while nobody asks. */
    private CompletableFuture<Void> allClosed;

    /**
     * A parked device of a module that went. It keeps the module's classes, for as long as the device may be parked.
     *
     * @param module destroyed as parked, once {@code destroyed} is told
     */
    record Leftover(ModuleBdev module, CompletableFuture<Void> destroyed) {}

    /**
     * How much it may do.
     *
     * @param shared what its lanes share to keep to it; null for no limit
     */
    record Limit(Rates rates, RateLimit shared) {}

    CoreBdev(BlockLayer layer, Modules.Host host, ModuleBdev module, CreationRecord record) {
        this.moduleName = host.moduleName();
        this.fencing = layer.fencing();
        this.host = host;
        this.module = module;
        this.geometry = module.geometry();
        this.capabilities = new Capabilities(module);
        this.compareAndWriteBlocks = module.compareAndWriteBlocks();
        this.record = record;
        this.lanes = layer.reactors().all().stream()
            .map(reactor -> new Lane(this, reactor, layer.turn(reactor), module, layer.zeroes()))
            .toArray(Lane[]::new);
        this.queueDepth = new QueueDepth(home(), Arrays.stream(lanes).map(lane -> lane.counters).toList());
        this.locks = new RangeLocks(Arrays.stream(lanes).map(lane -> lane.locks).toArray(LaneLocks[]::new));
        this.resets = new Resets(this, lanes[0].reactor, layer.settings().drainTimeoutMs());
    }

    /** Where lives what a device has once. */
    Reactor home() {
        return lanes[0].reactor;
    }

    Lane lane(Reactor reactor) {
        return lanes[reactor.id()];
    }

    /** Has each reactor run this on its lane, in no order. */
    void onLanes(Consumer<Lane> task) {
        for (Lane lane : lanes) {
            lane.reactor.execute(() -> task.accept(lane));
        }
    }

    // State; callers hold the block layer's lock.

    void state(State state) {
        this.state = state;
    }

    /** Begins a change of state that others wait for. */
    void begin(State during) {
        assert change == null : "two changes at once";
        state = during;
        change = new CompletableFuture<>();
    }

    /** Ends it. Gives what is to be told, outside the lock. */
    CompletableFuture<Void> end(State after) {
        CompletableFuture<Void> ended = change;
        state = after;
        change = null;
        return ended;
    }

    CompletableFuture<Void> change() {
        return change;
    }

    void attached(Modules.Host host, ModuleBdev module) {
        this.host = host;
        this.module = module;
        this.leftover = null;
        this.geometry = module.geometry();
        this.capabilities = new Capabilities(module);
        this.compareAndWriteBlocks = module.compareAndWriteBlocks();
    }

    /** Gives it away, to be destroyed for good; null when there is none. */
    Leftover leftover() {
        Leftover was = leftover;
        leftover = null;
        return was;
    }

    void leave(Leftover left) {
        leftover = left;
    }

    /** The module is away; what it said of the device stays. */
    ModuleBdev detached() {
        ModuleBdev was = module;
        module = null;
        host = null;
        fence = null;
        return was;
    }

    void resized(Geometry geometry) {
        this.geometry = geometry;
    }

    void add(CoreDescriptor descriptor) {
        descriptors.add(descriptor);
    }

    /** Takes it out, with its claim. Gives what is to be told, outside the lock; null for nothing. */
    CompletableFuture<Void> remove(CoreDescriptor descriptor) {
        descriptors.remove(descriptor);
        claims.release(descriptor);
        return descriptors.isEmpty() ? allClosed : null;
    }

    /** Told when no descriptor is open any more. */
    CompletableFuture<Void> whenAllClosed() {
        allClosed = new CompletableFuture<>();
        if (descriptors.isEmpty()) {
            allClosed.complete(null);
        }
        return allClosed;
    }

    /** Whether somebody else has it open for writing. */
    @Override
    public boolean isOpenForWriting(Claims.Holder except) {
        return descriptors.stream().anyMatch(other -> other != except && other.writable());
    }

    /** Tells all owners, each on its own reactor. */
    void tell(Consumer<BdevEvents> event) {
        descriptors.forEach(descriptor -> descriptor.tell(event));
    }

    void tell(List<MediaEvent> events) {
        descriptors.forEach(descriptor -> descriptor.tell(events));
    }

    public int openDescriptors() {
        return descriptors.size();
    }

    // Facts.

    Geometry geometry() {
        return geometry;
    }

    public CreationRecord record() {
        return record;
    }

    void record(CreationRecord record) {
        this.record = record;
    }

    /** Of the present module; null while it is away. */
    Modules.Host host() {
        return host;
    }

    /** Whether its module does no I/O on it until it is brought back. */
    boolean isStranded() {
        ModuleBdev now = module;
        return now != null && now.isStranded();
    }

    /** What it does. */
    public Capabilities capabilities() {
        return capabilities;
    }

    /** The host of that module, if it is the present one; else null. */
    Modules.Host hostOf(ModuleBdev of) {
        return module == of ? host : null;
    }

    /** It takes no more I/O, for that reason, until its module is taken out. Gives the module. */
    ModuleBdev fenced(String why) {
        fence = why;
        return module;
    }

    /** It takes I/O again. */
    void unfenced() {
        fence = null;
    }

    /** Why it takes no I/O; null when it does. */
    public String fence() {
        return fence;
    }

    /** A module threw where it may not: the I/O fails. Said once per device. */
    void moduleThrew(ModuleBdev by, RuntimeException e) {
        if (moduleFailures.sum() == 0) {
            LOG.log(Level.ERROR, "The module " + moduleName + " threw while it served " + name(), e);
        }
        moduleFailures.increment();
        fencing.fault(this, by, "threw " + e);
    }

    public long moduleFailures() {
        return moduleFailures.sum();
    }

    /** How latencies are measured; null while they are not. */
    public Latencies.Settings latencies() {
        return latencies;
    }

    void latencies(Latencies.Settings settings) {
        latencies = settings;
    }

    /** What it may do in a second. */
    public Rates rates() {
        return limit.rates;
    }

    Limit limit() {
        return limit;
    }

    void limit(Limit limit) {
        this.limit = limit;
    }

    /** All lanes together. */
    public Counters counters() {
        Counters sum = new Counters();
        for (Lane lane : lanes) {
            sum.add(lane.counters);
        }
        return sum;
    }

    @Override
    public String name() {
        return geometry.name();
    }

    @Override
    public List<String> aliases() {
        return geometry.aliases();
    }

    @Override
    public UUID uuid() {
        return geometry.uuid();
    }

    @Override
    public String productName() {
        return geometry.productName();
    }

    @Override
    public String moduleName() {
        return moduleName;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public int blockSize() {
        return geometry.blockSize();
    }

    @Override
    public int physicalBlockSize() {
        return geometry.physicalBlockSize();
    }

    @Override
    public long blocks() {
        return geometry.blocks();
    }

    @Override
    public int memoryAlignment() {
        return geometry.limits().memoryAlignment();
    }

    @Override
    public Metadata metadata() {
        return geometry.metadata();
    }

    @Override
    public long optimalBoundaryBlocks() {
        return geometry.limits().boundaryBlocks();
    }

    @Override
    public int writeUnitBlocks() {
        return geometry.limits().writeUnitBlocks();
    }

    @Override
    public int compareAndWriteBlocks() {
        return compareAndWriteBlocks;
    }

    @Override
    public boolean readOnly() {
        return geometry.readOnly();
    }

    @Override
    public boolean hasVolatileCache() {
        return geometry.volatileCache();
    }

    @Override
    public boolean unmapReadsZeroes() {
        return geometry.unmapReadsZeroes();
    }

    @Override
    public boolean supports(IoType type) {
        return capabilities.offers(type);
    }

    @Override
    public String claimedBy() {
        return claims.owners();
    }

    @Override
    public Claim.Type claimType() {
        return claims.type();
    }

    @Override
    public Map<String, Object> driverSpecific() {
        ModuleBdev now = module;
        return now == null ? Map.of() : now.describe();
    }

    @Override
    public List<String> standsOn() {
        ModuleBdev now = module;
        return now == null ? List.of() : now.standsOn();
    }

    @Override
    public BdevStatistics statistics() {
        return counters().statistics(blockSize());
    }
}
