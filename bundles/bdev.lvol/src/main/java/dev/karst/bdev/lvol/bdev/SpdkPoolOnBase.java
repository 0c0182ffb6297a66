package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Claim;
import dev.karst.bdev.lvol.base.Base;
import dev.karst.bdev.lvol.spdk.ClusterTable;
import dev.karst.bdev.lvol.spdk.SpdkPool;
import dev.karst.bdev.lvol.spdk.SpdkVolume;
import dev.karst.bdev.lvol.store.StoreCheck;
import dev.karst.bdev.module.CreationRecord;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** A pool that SPDK made: its volumes can be read. */
final class SpdkPoolOnBase implements Pool {
    private static final System.Logger LOG = System.getLogger(SpdkPoolOnBase.class.getName());

    private final Base base;
    private final SpdkPool pool;
    /** Block devices that stand on the base, with one for whoever keeps the pool. Guarded by this. */
    private int users = 1;

    /** @throws StorageException EPERM when somebody else writes the device */
    SpdkPoolOnBase(Base base, SpdkPool pool) throws StorageException {
        this.base = base;
        this.pool = pool;
        base.claim(Claim.Type.READ_MANY_WRITE_NONE, "lvol store " + pool.name());
    }

    @Override
    public PoolFacts facts() {
        return new PoolFacts(pool.uuid(), pool.name(), base.name(), pool.dataClusters(), pool.freeClusters(), pool.clusterBytes(),
            base.descriptor().blockSize(), base.descriptor().bdev().blocks() * base.descriptor().blockSize(), null);
    }

    @Override
    public List<VolumeFacts> volumes() {
        return pool.volumes().stream().map(this::facts).toList();
    }

    private VolumeFacts facts(SpdkVolume volume) {
        return new VolumeFacts(volume.uuid(), volume.name(), pool.name(), pool.uuid(), base.name(), volume.thin(), volume.isSnapshot(),
            volume.outside() ? null : volume.parent(), volume.outside() ? volume.parent() : null, volume.clones(), volume.allocated(),
            volume.seen() == null ? 0 : volume.seen().clusters(), volume.trouble() != null);
    }

    @Override
    public void refresh() {
        // Nothing is ever written.
    }

    @Override
    public List<String> damage() {
        return pool.problems();
    }

    /** Makes block devices of all volumes that can be read. */
    void registerAll() {
        pool.problems().forEach(problem -> LOG.log(Level.WARNING, "SPDK pool {0} on {1}: {2}", pool.name(), base.name(), problem));
        for (SpdkVolume volume : pool.volumes()) {
            try {
                if (volume.trouble() == null) {
                    register(volume);
                }
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "Volume {0} of SPDK pool {1} is no block device: {2}", volume.name(), pool.name(), e.getMessage());
            }
        }
    }

    /** It is only read, and all of its metadata were when it was found. */
    @Override
    public StoreCheck check(IntPredicate goesOn) {
        return new StoreCheck(pool.volumes().size(), 0, 0, damage());
    }

    @Override
    public void restore(CreationRecord record) throws StorageException {
        String name = record.name();
        register(pool.volumes().stream().filter(each -> each.uuid().toString().equals(name) && each.trouble() == null).findFirst()
            .orElseThrow(() -> StorageException.failure(Errno.ENODEV, "pool " + pool.name() + " has no such volume: " + name)));
    }

    private void register(SpdkVolume volume) throws StorageException {
        VolumeFacts facts = facts(volume);
        ClusterTable seen = volume.seen();
        var contents = new Contents() {
            @Override
            public int find(int cluster) {
                int found = seen.get(cluster);
                return found == 0 ? ZEROS : found;
            }

            @Override
            public int own(int cluster) {
                return 0;
            }
        };
        var ground = new LvolBdev.Ground(base.descriptor(), pool.clusterBytes(), _ -> release());
        var bdev = new LvolBdev(LvolBdev.geometry(facts, base.descriptor().bdev(), pool.clusterBytes(), true), ground, contents, null, () -> facts);
        synchronized (this) {
            users++;
        }
        base.host().register(bdev, new CreationRecord("", Map.of(Pools.BASE, base.name()), facts.uuid().toString(), facts.uuid()));
    }

    @Override
    public void leave() throws StorageException {
        for (SpdkVolume volume : pool.volumes()) {
            if (base.host().registry().find(volume.uuid().toString()).isPresent()) {
                base.host().unregister(volume.uuid().toString());
            }
        }
        release();
    }

    @Override
    public void stop() {
        release();
    }

    /** The last one closes the device. What could not be registered is destroyed, and so released too. */
    private void release() {
        synchronized (this) {
            users--;
            if (users > 0) {
                return;
            }
        }
        try {
            base.close();
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "The device of SPDK pool {0} is not closed: {1}", pool.name(), e.getMessage());
        }
    }
}
