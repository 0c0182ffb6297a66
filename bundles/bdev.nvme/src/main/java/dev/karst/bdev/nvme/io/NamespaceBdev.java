package dev.karst.bdev.nvme.io;

import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.ModuleChannel;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import dev.karst.nvme.AnaState;
import dev.karst.reactor.Reactor;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** A namespace as a block device, over one path or several. */
public final class NamespaceBdev extends ModuleBdev {
    private static final int STATUS_TYPES = 8;

    /**
     * What a device does.
     *
     * @param types the types of I/O that its controllers know
     * @param compareAndWriteBlocks most blocks of a fused compare-and-write
     * @param zeroesBlocks most blocks of one command that zeroes them
     */
    public record Abilities(Set<IoType> types, int compareAndWriteBlocks, long zeroesBlocks) {}

    private final Abilities abilities;
    private final NamespaceControl control;
    private final Memory memory;
    private final Region scratch;
    private final AtomicReferenceArray<NamespaceChannel> channels;
    /** By status code type. */
    private final LongAdder[] failures = new LongAdder[STATUS_TYPES];
    private volatile Multipath multipath;
    private volatile Supplier<Map<String, Object>> description = Map::of;
    private boolean destroyed;

    /** @throws StorageException ENOMEM */
    public NamespaceBdev(Geometry geometry, Abilities abilities, Multipath multipath, Surroundings around) throws StorageException {
        super(geometry);
        this.abilities = abilities;
        this.multipath = multipath;
        control = around.control();
        memory = around.memory();
        channels = new AtomicReferenceArray<>(around.reactors());
        scratch = memory.allocate("bdev.nvme " + geometry.name(), (long) around.reactors() * channelBytes());
        for (int type = 0; type < STATUS_TYPES; type++) {
            failures[type] = new LongAdder();
        }
    }

    /** What a device needs around it. */
    public record Surroundings(NamespaceControl control, Memory memory, int reactors) {}

    private static int channelBytes() {
        return NamespaceChannel.DEPTH * NamespaceChannel.SCRATCH_BYTES;
    }

    /** Its paths and how they are used. Any thread. */
    public Multipath multipath() {
        return multipath;
    }

    /** Takes other paths from now on, or uses them otherwise. Control threads. */
    public void multipath(Multipath multipath) {
        this.multipath = multipath;
    }

    /** What {@link #describe} gives from now on. */
    public void describedBy(Supplier<Map<String, Object>> description) {
        this.description = description;
    }

    @Override
    public boolean supports(IoType type) {
        return abilities.types().contains(type);
    }

    @Override
    public boolean checksProtection() {
        return true;
    }

    @Override
    public int compareAndWriteBlocks() {
        return supports(IoType.COMPARE_AND_WRITE) ? abilities.compareAndWriteBlocks() : super.compareAndWriteBlocks();
    }

    long zeroesBlocks() {
        return abilities.zeroesBlocks();
    }

    @Override
    public ModuleChannel openChannel(Reactor reactor) {
        var channel = new NamespaceChannel(this, reactor, scratch.address() + (long) reactor.id() * channelBytes());
        channels.set(reactor.id(), channel);
        return channel;
    }

    /** The channel of that reactor, null for none. On the reactor. */
    public NamespaceChannel channel(Reactor reactor) {
        return channels.get(reactor.id());
    }

    void closed(NamespaceChannel channel) {
        channels.set(channel.reactor().id(), null);
    }

    /** How many commands ended with a status of that type; path-related ones that led to another try included. */
    public long failures(int statusCodeType) {
        return failures[statusCodeType].sum();
    }

    void failed(int status) {
        failures[NvmeStatus.sct(status)].increment();
    }

    void reset(IntConsumer done) {
        control.reset(this, done);
    }

    /** Until the log page has been read it is taken for what the refusal says. */
    void accessChanged(NamespacePath path, int status) {
        failed(status);
        boolean lost = NvmeStatus.sc(status) == NvmeStatus.sc(NvmeStatus.ASYMMETRIC_ACCESS_PERSISTENT_LOSS);
        path.ana(lost ? AnaState.PERSISTENT_LOSS : AnaState.INACCESSIBLE);
        control.accessChanged(path);
    }

    @Override
    public Map<String, Object> describe() {
        return description.get();
    }

    @Override
    public synchronized void destroy(boolean parked) {
        if (!destroyed) {
            destroyed = true;
            memory.free(scratch);
            control.destroyed(this);
        }
    }
}
