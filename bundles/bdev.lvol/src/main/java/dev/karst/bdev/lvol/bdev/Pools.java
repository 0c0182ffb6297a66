package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.lvol.base.Base;
import dev.karst.bdev.lvol.base.BaseDisk;
import dev.karst.bdev.lvol.spdk.PoolReader;
import dev.karst.bdev.lvol.spdk.SpdkPool;
import dev.karst.bdev.lvol.store.StoreOptions;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.CreationRecord;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/** All pools that are there, each by the device that it lies on. Control threads. */
public final class Pools {
    private static final System.Logger LOG = System.getLogger(Pools.class.getName());

    /** In creation records: the name of the device that a pool lies on. */
    static final String BASE = "base";
    /** Before that name: what the block layer keeps of a pool. */
    private static final String KEPT = "lvol store on ";

    private final BdevHost host;
    /** Pools come and go one after the other. */
    private final ReentrantLock turn = new ReentrantLock();
    /** Guarded by itself, as is what follows. */
    private final Map<String, Pool> byBase = new LinkedHashMap<>();
    /** Devices on which the version before had pools, and this one has not seen them yet. */
    private final Set<String> expected = new LinkedHashSet<>();
    private boolean stopped;

    private final ShallowCopies copies = new ShallowCopies();

    public Pools(BdevHost host) {
        this.host = host;
        host.kept().forEach(this::expect);
    }

    private void expect(CreationRecord record) {
        synchronized (byBase) {
            expected.add((String) record.parameters().get(BASE));
        }
    }

    /**
     * Looks for the pools that the version before had, which come back with their volumes, or are found by and by when they have none: whoever
     * asks now shall not be told that there are none.
     */
    public void recall() {
        List<String> bases;
        synchronized (byBase) {
            expected.removeAll(byBase.keySet());
            bases = List.copyOf(expected);
        }
        for (String base : bases) {
            Bdev bdev = host.registry().find(base).orElse(null);
            boolean works = bdev != null && bdev.claimedBy() == null && bdev.state() == Bdev.State.ONLINE;
            if (works && examine(bdev)) {
                synchronized (byBase) {
                    expected.remove(base);
                }
            }
        }
    }

    public BdevHost host() {
        return host;
    }

    /** From volumes of them all. */
    public ShallowCopies copies() {
        return copies;
    }

    /** In the order in which they came. */
    public List<Pool> all() {
        synchronized (byBase) {
            return List.copyOf(byBase.values());
        }
    }

    /**
     * Looks for a pool on a device, and makes block devices of its volumes, and of those that waited for the device to come.
     *
     * @return whether it is known now what is there; false when the device could not be read
     */
    public boolean examine(Bdev bdev) {
        boolean known = false;
        turn.lock();
        try {
            load(bdev);
            known = true;
            for (Pool pool : all()) {
                if (pool instanceof OwnPool own) {
                    own.came(bdev);
                }
            }
        } catch (StorageException e) {
            // One that went meanwhile is no loss.
            boolean gone = host.registry().find(bdev.name()).isEmpty();
            LOG.log(gone ? Level.DEBUG : Level.WARNING, "{0} is not searched for volumes: {1}", bdev.name(), e.getMessage());
            known = known || gone || e.code() == -Errno.EINVAL;
        } finally {
            turn.unlock();
        }
        return known;
    }

    private void load(Bdev bdev) throws StorageException {
        if (!Base.isPossible(host.registry(), bdev) || bdev.claimedBy() != null) {
            return;
        }
        Optional<Pool> found = find(bdev);
        if (found.isPresent()) {
            switch (found.get()) {
                case OwnPool own -> own.registerAll();
                case SpdkPoolOnBase spdk -> spdk.registerAll();
            }
        }
    }

    private Optional<Pool> find(Bdev bdev) throws StorageException {
        Base base = Base.open(host, bdev);
        Optional<Pool> found = Optional.empty();
        try {
            found = find(base);
            if (found.isPresent()) {
                add(base, found.get());
            }
            return found;
        } finally {
            if (found.isEmpty()) {
                base.close();
            }
        }
    }

    private static Optional<Pool> find(Base base) throws StorageException {
        Optional<SpdkPool> spdk;
        try (var disk = new BaseDisk(base)) {
            spdk = PoolReader.read(disk);
        }
        if (spdk.isPresent()) {
            return Optional.of(new SpdkPoolOnBase(base, spdk.get()));
        }
        return OwnPool.find(base).map(pool -> pool);
    }

    /** @throws StorageException EAGAIN when the module goes: it lets go of the device, as of those of all other pools */
    private void add(Base base, Pool pool) throws StorageException {
        String name = base.name();
        boolean tooLate;
        synchronized (byBase) {
            tooLate = stopped;
            if (!tooLate) {
                byBase.put(name, pool);
                expected.remove(name);
            }
        }
        if (tooLate) {
            pool.stop();
            throw StorageException.failure(Errno.EAGAIN, "the module " + Base.MODULE + " is being replaced; try again");
        }
        keep(name);
        base.whenRemoved(() -> removed(name, pool));
    }

    /** The next version looks for a pool there. */
    private void keep(String base) {
        try {
            host.keepFirst(new CreationRecord("", Map.of(BASE, base), kept(base), new UUID(0, 0)));
        } catch (StorageException e) {
            LOG.log(Level.DEBUG, "The next version finds the pool on {0} by itself: {1}", base, e.getMessage());
        }
    }

    private static String kept(String base) {
        return KEPT + base;
    }

    /** The device goes, and the volumes with it. */
    private void removed(String base, Pool pool) {
        synchronized (byBase) {
            if (!byBase.remove(base, pool)) {
                return;
            }
        }
        host.drop(kept(base));
        try {
            pool.leave();
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} is gone, and its volumes are not: {1}", base, e.getMessage());
        }
    }

    /** Makes an empty pool; what the device held is lost. */
    public OwnPool create(Bdev bdev, StoreOptions options) throws StorageException {
        turn.lock();
        try {
            if (all().stream().anyMatch(pool -> pool.facts().name().equals(options.name()))) {
                throw StorageException.failure(Errno.EEXIST, "there is an lvol store " + options.name() + " already");
            }
            Base base = Base.open(host, bdev);
            OwnPool pool = null;
            try {
                pool = OwnPool.format(base, options);
            } finally {
                if (pool == null) {
                    base.close();
                }
            }
            add(base, pool);
            return pool;
        } finally {
            turn.unlock();
        }
    }

    /** Lets go of the device, and makes it one without a pool. */
    public void destroy(OwnPool pool) throws StorageException {
        turn.lock();
        try {
            synchronized (byBase) {
                byBase.values().remove(pool);
            }
            host.drop(kept(pool.facts().base()));
            pool.destroy();
        } finally {
            turn.unlock();
        }
    }

    /** Brings back a volume that was a block device of this module's previous version, and what that left with it. */
    public void restore(CreationRecord record) throws StorageException {
        if (record.name().startsWith(KEPT)) {
            expect(record);
            return;
        }
        String base = (String) record.parameters().get(BASE);
        Bdev bdev = host.registry().find(base).orElseThrow(() -> StorageException.failure(Errno.ENODEV, "there is no block device " + base));
        Pool pool = present(bdev.name());
        if (pool == null) {
            pool = find(bdev).orElseThrow(() -> StorageException.failure(Errno.ENODEV, "there is no lvol store on " + base));
            if (pool instanceof OwnPool own) {
                own.takeOver();
            }
        }
        pool.restore(record);
    }

    /** The pool on that device; null for none, or one that this version has left to another, which gives it back. */
    private Pool present(String base) {
        synchronized (byBase) {
            Pool pool = byBase.get(base);
            return pool instanceof OwnPool own && own.isClosed() ? null : pool;
        }
    }

    /** The pool with this UUID or this name. */
    public Optional<Pool> find(UUID uuid, String name) {
        return all().stream().filter(pool -> uuid == null ? pool.facts().name().equals(name) : pool.facts().uuid().equals(uuid)).findFirst();
    }

    /** The module goes; all block devices are parked, and no pool comes any more. */
    public void stop() {
        synchronized (byBase) {
            stopped = true;
        }
        all().forEach(Pool::stop);
    }
}
