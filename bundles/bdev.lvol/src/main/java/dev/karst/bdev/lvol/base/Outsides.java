package dev.karst.bdev.lvol.base;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.lvol.store.LvolStore;
import dev.karst.bdev.lvol.store.Volume;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The devices outside of a pool that its volumes stand on and that are there, by UUID. What takes one or lets go of it is done by
 * control threads, one after the other.
 */
public final class Outsides {
    private static final System.Logger LOG = System.getLogger(Outsides.class.getName());

    private final Base base;
    private final LvolStore store;
    private final Runnable whenGone;
    private final Map<String, Outside> open = new ConcurrentHashMap<>();
    private final ReentrantLock turn = new ReentrantLock();
    private Consumer<Volume> standAgain;

    /** @param whenGone run by a control thread when a device has gone and no volume stands on it any more */
    public Outsides(Base base, LvolStore store, Runnable whenGone) {
        this.base = base;
        this.store = store;
        this.whenGone = whenGone;
        store.externals(this::get);
    }

    /** What puts a volume, which may be in use, on the device that is there now. On the reactor of the store. */
    public void whoPutsVolumes(Consumer<Volume> task) {
        standAgain = task;
    }

    /** Held by whoever takes a device and makes volumes stand on it, so that it is not let go meanwhile. */
    public ReentrantLock turn() {
        return turn;
    }

    /** The device of that UUID; null when it is not there, or the UUID is null. Any thread. */
    public Outside get(String uuid) {
        return uuid == null ? null : open.get(uuid);
    }

    /** The device that the volume stands on, perhaps through others. On the reactor of the store, as the next two. */
    public Outside under(Volume volume) {
        return get(volume.externalBelow());
    }

    /** Whether the volume stands on a device that is not there. */
    public boolean isMissing(Volume volume) {
        return volume.externalBelow() != null && under(volume) == null;
    }

    private Set<String> needed() {
        return store.volumes().stream().map(Volume::external).filter(Objects::nonNull).collect(Collectors.toSet());
    }

    /**
     * The block device of that name, for volumes to stand on.
     *
     * @throws StorageException ENODEV when there is none, EINVAL when it has not whole clusters
     */
    public Bdev find(String name) throws StorageException {
        Bdev bdev = base.host().registry().find(name).orElseThrow(() -> StorageException.failure(
            Errno.ENODEV, "there is no block device " + name + "; bdev_get_bdevs lists all"));
        long bytes = bdev.blocks() * bdev.blockSize();
        if (bytes % store.clusterSize() != 0 || bytes / store.clusterSize() > Integer.MAX_VALUE) {
            throw StorageException.failure(Errno.EINVAL, name + " has " + bytes + " bytes, which are not whole clusters of "
                + store.clusterSize() + " or too many");
        }
        return bdev;
    }

    /** Opens a device, unless it is open. */
    public void take(String uuid) throws StorageException {
        if (!open.containsKey(uuid)) {
            open.put(uuid, Outside.open(base, uuid, gone -> gone(uuid, gone)));
        }
    }

    /** Opens what volumes need and is there, and they stand on it. */
    public void takeAll() throws StorageException {
        turn.lock();
        try {
            for (String uuid : base.host().reactors().call(base.reactor(), _ -> needed())) {
                if (base.host().registry().find(uuid).isEmpty()) {
                    LOG.log(Level.INFO, "{0}, which volumes on {1} are clones of, is not there yet", uuid, base.name());
                } else {
                    takeIfPossible(uuid);
                }
            }
            standAgain();
        } finally {
            turn.unlock();
        }
    }

    private void takeIfPossible(String uuid) {
        try {
            take(uuid);
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0}, which volumes on {1} are clones of, cannot be used: {2}", uuid, base.name(), e.getMessage());
        }
    }

    /** A device came: true if volumes wait for it, and stand on it now. */
    public boolean came(String uuid) throws StorageException {
        turn.lock();
        try {
            if (open.containsKey(uuid) || !base.host().reactors().call(base.reactor(), _ -> needed()).contains(uuid)) {
                return false;
            }
            takeIfPossible(uuid);
            standAgain();
            return open.containsKey(uuid);
        } finally {
            turn.unlock();
        }
    }

    private void gone(String uuid, Outside outside) {
        turn.lock();
        try {
            if (open.remove(uuid, outside)) {
                LOG.log(Level.WARNING, "{0} goes, and volumes on {1} cannot read what they have of it", uuid, base.name());
                standAgain();
                outside.release();
            }
        } finally {
            turn.unlock();
        }
        whenGone.run();
    }

    private void standAgain() {
        base.reactor().execute(() -> store.volumes().forEach(standAgain));
    }

    /** Lets go of those that no volume needs, and returns when they are closed. While the store takes no changes, what is durable may need all. */
    public void settle() throws StorageException {
        turn.lock();
        try {
            if (!open.isEmpty()) {
                for (Outside unneeded : keepOnly(base.host().reactors().call(
                    base.reactor(), _ -> store.failure() == null ? needed() : Set.copyOf(open.keySet())))) {
                    base.host().reactors().await(unneeded.closed(), Base.PATIENCE_MS, "the last use of " + unneeded.name());
                }
            }
        } finally {
            turn.unlock();
        }
    }

    /** Lets go of all; the pool is closed. */
    public void close() {
        keepOnly(Set.of());
    }

    private List<Outside> keepOnly(Set<String> needed) {
        List<Outside> released = new ArrayList<>();
        for (String uuid : List.copyOf(open.keySet())) {
            Outside unneeded = needed.contains(uuid) ? null : open.remove(uuid);
            if (unneeded != null) {
                unneeded.release();
                released.add(unneeded);
            }
        }
        return released;
    }
}
