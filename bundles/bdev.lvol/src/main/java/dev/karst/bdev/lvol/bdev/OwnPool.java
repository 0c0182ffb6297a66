package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.Claim;
import dev.karst.bdev.lvol.base.Base;
import dev.karst.bdev.lvol.base.BaseMedium;
import dev.karst.bdev.lvol.base.Outside;
import dev.karst.bdev.lvol.base.Outsides;
import dev.karst.bdev.lvol.store.Done;
import dev.karst.bdev.lvol.store.LvolStore;
import dev.karst.bdev.lvol.store.Medium;
import dev.karst.bdev.lvol.store.Outcome;
import dev.karst.bdev.lvol.store.StoreCheck;
import dev.karst.bdev.lvol.store.StoreOptions;
import dev.karst.bdev.lvol.store.Volume;
import dev.karst.bdev.lvol.store.VolumeOptions;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.env.Region;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntPredicate;

/** A pool of our own on its device. What changes it is done by its reactor, and waited for by control threads. */
public final class OwnPool implements Pool {
    private static final System.Logger LOG = System.getLogger(OwnPool.class.getName());

    private final Base base;
    private final Region buffers;
    private final LvolStore store;
    private final Medium medium;
    private final PausedVolumes paused;
    private final Outsides outsides;
    private final PoolBdevs bdevs;
    private final Healer healer;
    /** Those that are under way. On the reactor of the store. */
    private final Set<ShallowCopy> copies = new HashSet<>();
    private volatile List<VolumeFacts> volumes = List.of();
    private volatile PoolFacts facts;
    /** Set while this is held. */
    private volatile boolean closed;

    private OwnPool(Base base, Region buffers, Medium medium, LvolStore store) {
        this.medium = medium;
        this.base = base;
        this.buffers = buffers;
        this.store = store;
        outsides = new Outsides(base, store, this::refreshIfPossible);
        bdevs = new PoolBdevs(base, outsides.turn(), () -> volumes, this::bdev);
        paused = new PausedVolumes(base.reactor(), volume -> bdevs.get(volume.uuid()), outsides::under);
        outsides.whoPutsVolumes(paused::standAgain);
        store.users(paused);
        healer = new Healer(base, store, () -> closed, this::healed);
        store.whenFailed(this::failed);
    }

    /** Hosts are told of it when they next flush, by the next version of the module if it must be. */
    private void failed() {
        bdevs.owe(store.volumes().stream().filter(volume -> !volume.readOnly()).map(Volume::uuid).toList(), true);
        healer.failed();
    }

    /** The volumes are those of the last durable change. */
    private void healed() {
        try {
            outsides.takeAll();
            refresh();
            bdevs.settle(base.host().reactors().call(
                base.reactor(), _ -> store.volumes().stream().filter(volume -> volume.damage() == null).map(this::geometry).toList()));
            outsides.settle();
        } catch (StorageException | RuntimeException e) {
            LOG.log(Level.WARNING, "Not all volumes of lvol store {0} are as they are durable: {1}", facts.name(), e.getMessage());
        }
    }

    /** What its block device is like. On the reactor of the store. */
    private Geometry geometry(Volume volume) {
        return LvolBdev.geometry(facts(volume), base.descriptor().bdev(), facts.clusterBytes(), volume.readOnly());
    }

    /** What can be done with the store on its reactor. */
    @FunctionalInterface
    public interface Task<T> {
        /** @throws StorageException instead of an outcome */
        void start(LvolStore store, Outcome<T> outcome) throws StorageException;
    }

    /** The pool that is found on the device; nothing if there is none. */
    static Optional<OwnPool> find(Base base) throws StorageException {
        OwnPool pool;
        try {
            pool = on(base, LvolStore::mount);
        } catch (StorageException e) {
            if (e.code() == -Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
        pool.begin();
        return Optional.of(pool);
    }

    private void begin() throws StorageException {
        boolean claimed = false;
        boolean begun = false;
        try {
            claim(base, facts.name());
            claimed = true;
            // Before anybody writes to what the volumes have, as was read.
            base.<Integer>await(told -> store.flush(told::complete), "the first flush of " + facts.name());
            outsides.takeAll();
            refresh();
            begun = true;
        } finally {
            if (!claimed) {
                base.free(buffers);
            } else if (!begun) {
                stop();
            }
        }
    }

    /** A new pool; what the device held is lost. */
    static OwnPool format(Base base, StoreOptions options) throws StorageException {
        claim(base, options.name());
        return on(base, (medium, outcome) -> LvolStore.format(medium, options, outcome));
    }

    private static void claim(Base base, String name) throws StorageException {
        base.claim(Claim.Type.READ_MANY_WRITE_ONE, "lvol store " + name);
    }

    /** How a store comes to be. */
    private interface Origin {
        void start(Medium medium, Outcome<LvolStore> outcome);
    }

    private static OwnPool on(Base base, Origin origin) throws StorageException {
        Region buffers = base.allocate(BaseMedium.BYTES);
        OwnPool pool = null;
        try {
            var medium = new BaseMedium(base, buffers.address());
            LvolStore store = StoreCalls.wait(base, outcome -> origin.start(medium, outcome));
            pool = new OwnPool(base, buffers, medium, store);
            pool.refresh();
            Rehearsal.once(base.host().environment().threads().background());
            return pool;
        } finally {
            if (pool == null) {
                base.free(buffers);
            }
        }
    }

    /**
     * Does something with the store, and returns when it is durable.
     *
     * @throws StorageException what the store says
     */
    public <T> T change(Task<T> task) throws StorageException {
        try {
            return StoreCalls.wait(base, outcome -> task.start(store, outcome));
        } finally {
            refresh();
            outsides.settle();
        }
    }

    /**
     * Makes a thin volume that holds what a device outside of the pool holds, until it is written; the device is not written while it
     * is there.
     *
     * @throws StorageException ENODEV when there is no such device, EINVAL when it does not fit, EPERM when somebody may write it, or
     *     what the store says
     */
    public Volume cloneOutside(String name, VolumeOptions options) throws StorageException {
        Bdev bdev = outsides.find(name);
        String uuid = bdev.uuid().toString();
        int clusters = (int) (bdev.blocks() * bdev.blockSize() / facts.clusterBytes());
        return onOutside(uuid, (changed, outcome) -> changed.cloneExternal(uuid, clusters, options, outcome));
    }

    /** Lets a volume stand on a device outside of the pool, as above; that is seen from now on where the volume has no clusters. */
    public void setParentOutside(UUID volume, String name) throws StorageException {
        String uuid = outsides.find(name).uuid().toString();
        this.<Void>onOutside(uuid, (changed, outcome) -> changed.setExternalParent(volume(volume), uuid, outcome));
    }

    private <T> T onOutside(String uuid, Task<T> task) throws StorageException {
        outsides.turn().lock();
        try {
            outsides.take(uuid);
            return change(task);
        } finally {
            outsides.turn().unlock();
        }
    }

    /** A device came; volumes that are clones of it can be read. */
    void came(Bdev bdev) throws StorageException {
        if (!closed && outsides.came(bdev.uuid().toString())) {
            refresh();
            registerAll();
        }
    }

    private void refreshIfPossible() {
        try {
            if (!closed) {
                refresh();
            }
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "It is not known what is left of lvol store {0}: {1}", facts.name(), e.getMessage());
        }
    }

    /**
     * The volume of that UUID. On the reactor of the store.
     *
     * @throws StorageException ENODEV when it is there no more
     */
    public Volume volume(UUID uuid) throws StorageException {
        return present(uuid).orElseThrow(() -> StorageException.failure(
            Errno.ENODEV, "volume " + uuid + " is in lvol store " + store.name() + " no more"));
    }

    private Optional<Volume> present(UUID uuid) {
        return store.volumes().stream().filter(volume -> volume.uuid().equals(uuid)).findFirst();
    }

    @Override
    public void refresh() throws StorageException {
        base.host().reactors().call(base.reactor(), _ -> {
            volumes = store.volumes().stream().map(this::facts).toList();
            facts = new PoolFacts(store.uuid(), store.name(), base.name(), store.totalClusters(), store.freeClusters(),
                store.clusterSize(), base.descriptor().blockSize(), Integer.MAX_VALUE * (long) store.clusterSize(), healer.failure());
            return null;
        });
    }

    private VolumeFacts facts(Volume volume) {
        Volume parent = volume.parent();
        Outside outside = outsides.get(volume.external());
        return new VolumeFacts(volume.uuid(), volume.name(), store.name(), store.uuid(), base.name(), volume.thin(), volume.isSnapshot(),
            parent == null ? null : parent.name(), outside == null ? volume.external() : outside.name(), volume.clones().stream().map(Volume::name).toList(),
            volume.allocatedClusters(), volume.clusters(), volume.damage() != null || outsides.isMissing(volume));
    }

    @Override
    public PoolFacts facts() {
        return facts;
    }

    @Override
    public List<VolumeFacts> volumes() {
        return volumes;
    }

    @Override
    public List<String> damage() {
        return store.damage();
    }

    @Override
    public StoreCheck check(IntPredicate goesOn) throws StorageException {
        return StoreCalls.check(base, store, goesOn);
    }

    /** Makes block devices of all volumes that can be read and are none yet. */
    public void registerAll() {
        damage().forEach(damage -> LOG.log(Level.WARNING, "lvol store {0} on {1}: {2}", facts.name(), base.name(), damage));
        bdevs.registerAll();
    }

    @Override
    public void restore(CreationRecord record) throws StorageException {
        String name = record.name();
        UUID uuid = UUID.fromString(name);
        VolumeFacts volume = volumes.stream().filter(each -> each.uuid().equals(uuid)).findFirst().orElseThrow(() ->
            StorageException.failure(Errno.ENODEV, "lvol store " + facts.name() + " has no volume " + name));
        if (volume.degraded()) {
            throw StorageException.failure(Errno.EIO, "volume " + volume.alias() + " cannot be read; lvol:check says why");
        }
        if (PoolBdevs.owes(record)) {
            bdevs.owes(uuid);
            base.host().reactors().call(base.reactor(), _ -> {
                present(uuid).ifPresent(store::tellOfLoss);
                return null;
            });
        }
        bdevs.register(uuid);
    }

    /** The version before may have made volumes that are no block devices, or have some that it could not hand over: they become ours. */
    void takeOver() {
        bdevs.takeOver();
    }

    /** Makes a volume a block device, unless it is one or cannot be read; when the module goes, the next version does so. */
    public void register(UUID uuid) throws StorageException {
        bdevs.register(uuid);
    }

    /** On the reactor of the store. */
    private LvolBdev bdev(VolumeFacts now) {
        UUID uuid = now.uuid();
        Volume volume = present(uuid).orElseThrow();
        var ground = new LvolBdev.Ground(base.descriptor(), facts.clusterBytes(), parked -> destroyed(uuid, parked));
        var bdev = new LvolBdev(geometry(volume), ground, Contents.of(volume),
            new PoolChanger(base.reactor(), store, paused, volume, () -> bdevs.owe(List.of(uuid), false)), () -> known(uuid).orElse(now).owning(volume.allocatedClusters()));
        bdev.standOn(outsides.under(volume), base.reactor(), () -> { });
        if (paused.isPaused(volume)) {
            bdev.beginPaused();
        }
        return bdev;
    }

    /** @throws StorageException EBUSY when somebody has claimed its block device */
    public void checkUnused(UUID uuid) throws StorageException {
        String user = base.host().registry().find(uuid.toString()).map(Bdev::claimedBy).orElse(null);
        if (user != null) {
            throw StorageException.failure(Errno.EBUSY, "volume " + known(uuid).map(VolumeFacts::alias).orElseGet(uuid::toString)
                + " is in use by " + user + "; take it out there first");
        }
    }

    /**
     * Changes a volume while it is no block device: what the store says holds for the one that it is afterwards, if it is there.
     *
     * @throws StorageException what the store says; EAGAIN when the module is being replaced
     */
    public <T> T changeAside(UUID uuid, Task<T> task) throws StorageException {
        return bdevs.aside(List.of(uuid), () -> change(task));
    }

    /** As above, all volumes, of which nobody has claimed one. */
    public <T> T changeAside(Task<T> task) throws StorageException {
        List<UUID> all = volumes.stream().map(VolumeFacts::uuid).toList();
        for (UUID uuid : all) {
            checkUnused(uuid);
        }
        return bdevs.aside(all, () -> change(task));
    }

    /** Gives a volume so many clusters. Its block device is never longer, so that the next version of the module can take it over. */
    public void resize(UUID uuid, int clusters) throws StorageException {
        boolean writable = base.host().registry().find(uuid.toString()).filter(bdev -> !bdev.readOnly()).isPresent();
        if (writable && clusters > 0 && known(uuid).filter(volume -> clusters < volume.clusters()).isPresent()) {
            bdevs.resized(uuid, blocks(clusters));
        }
        try {
            this.<Void>change((changed, outcome) -> changed.resize(volume(uuid), clusters, outcome));
        } finally {
            Optional<VolumeFacts> after = known(uuid);
            if (after.isPresent()) {
                bdevs.resized(uuid, blocks(after.get().clusters()));
            }
        }
    }

    private long blocks(long clusters) {
        return clusters * (facts.clusterBytes() / base.descriptor().blockSize());
    }

    /**
     * Begins to copy the clusters that a volume has itself to a block device.
     *
     * @throws StorageException what {@link ShallowCopy} says
     */
    ShallowCopy shallowCopy(UUID uuid, String target) throws StorageException {
        Volume volume = StoreCalls.wait(base, outcome -> outcome.succeeded(volume(uuid)));
        return ShallowCopy.start(new ShallowCopy.Source(base, store, volume, this), target);
    }

    /**
     * The copy has begun, and the pool lasts until it {@linkplain #ended ended}. On the reactor of the store.
     *
     * @throws StorageException ENODEV when the pool goes away
     */
    void began(ShallowCopy copy) throws StorageException {
        if (closed) {
            throw StorageException.failure(Errno.ENODEV, "lvol store " + facts.name() + " goes away");
        }
        copies.add(copy);
    }

    /** As above. */
    void ended(ShallowCopy copy) {
        copies.remove(copy);
    }

    private Optional<VolumeFacts> known(UUID uuid) {
        return volumes.stream().filter(volume -> volume.uuid().equals(uuid)).findFirst();
    }

    /** One that may come back takes the pool along: the next version of this module reads it from the device, and waits for nobody. */
    private void destroyed(UUID uuid, boolean parked) {
        if (parked) {
            stop();
        } else {
            bdevs.gone(uuid);
        }
    }

    /** The volumes are gone, and the device holds no pool any more. */
    void destroy() throws StorageException {
        bdevs.unregisterAll();
        int status = close(false);
        if (status != Status.OK) {
            throw StorageException.failure(Errno.EIO, base.name() + " still holds the lvol store " + facts.name() + ": " + Status.text(status));
        }
    }

    @Override
    public void leave() throws StorageException {
        try {
            bdevs.unregisterAll();
        } finally {
            stop();
        }
    }

    /** Volumes that are still block devices of this version take no I/O any more: what comes waits until they are parked. */
    @Override
    public void stop() {
        int status = close(true);
        if (status != Status.OK) {
            LOG.log(Level.WARNING, "lvol store {0} was not written at the end: {1}", facts.name(), Status.text(status));
        }
    }

    /** Whether the module has gone, or the pool. */
    boolean isClosed() {
        return closed;
    }

    /** Gives the status of the last change; OK if it is closed already. */
    private int close(boolean keeps) {
        synchronized (this) {
            if (closed) {
                return Status.OK;
            }
            closed = true;
        }
        bdevs.leave();
        int status = Status.FAILED;
        try {
            for (ShallowCopy copy : base.host().reactors().call(base.reactor(), _ -> List.copyOf(copies))) {
                base.<Void>await(told -> copy.cancel(() -> told.complete(null)), "the end of a shallow copy");
            }
            base.<Void>await(told -> store.endChanges(() -> told.complete(null)), "the end of the changes of " + facts.name());
            for (LvolBdev bdev : bdevs.all()) {
                base.<Void>await(told -> bdev.leave(base.reactor(), () -> told.complete(null)), "I/O on " + bdev.geometry().name());
            }
            status = base.<Integer>await(
                told -> store.close(closing -> finish(keeps, closing, told::complete)), "the last change of " + facts.name());
            outsides.close();
            base.close();
            base.free(buffers);
        } catch (StorageException e) {
            // What is in flight may need its memory yet.
            LOG.log(Level.WARNING, "lvol store {0} is not closed: {1}", facts.name(), e.getMessage());
        }
        return status;
    }

    /** A pool that is not kept has no super block any more. */
    private void finish(boolean keeps, int status, Done done) {
        if (keeps || status != Status.OK) {
            done.done(status);
        } else {
            LvolStore.erase(medium, done);
        }
    }
}
