package dev.karst.bdev.lvol.bdev;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.lvol.base.Base;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.Timer;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The block devices of a pool's volumes, one for each that can be read. When a version of the module leaves the pool to the next, changes
 * may be under way: what is durable then and is no block device yet becomes one by the next version. Control threads.
 */
final class PoolBdevs {
    private static final System.Logger LOG = System.getLogger(PoolBdevs.class.getName());
    /** In a creation record: whether what was written may be lost, and nobody was told. */
    private static final String OWES = "owes_failure";
    /** Between two looks at what the version before still has. */
    private static final long LOOK_NANOS = 20_000_000;

    private final Base base;
    private final ReentrantLock turn;
    private final Supplier<List<VolumeFacts>> volumes;
    private final Function<VolumeFacts, LvolBdev> maker;
    private final Map<UUID, LvolBdev> made = new ConcurrentHashMap<>();
    /** What is no block device for as long as somebody changes it. */
    private final Set<UUID> aside = ConcurrentHashMap.newKeySet();
    /** Whose hosts are to be told by a flush that what they wrote may be lost. */
    private final Set<UUID> owing = ConcurrentHashMap.newKeySet();
    /** Whether they are the next version's. Set while the turn is held. */
    private volatile boolean left;
    /** Whether the pool goes, and they with it. */
    private volatile boolean ends;
    private final Timer look = new Timer() {
        @Override
        public void expired() {
            base.host().environment().threads().background().execute(PoolBdevs.this::takeOver);
        }
    };

    /**
     * None yet.
     *
     * @param turn held by whoever makes one
     * @param volumes all that there are now
     * @param maker makes a block device, on the reactor of the pool
     */
    PoolBdevs(Base base, ReentrantLock turn, Supplier<List<VolumeFacts>> volumes, Function<VolumeFacts, LvolBdev> maker) {
        this.base = base;
        this.turn = turn;
        this.volumes = volumes;
        this.maker = maker;
    }

    /** That of a volume; null for none. Any thread. */
    LvolBdev get(UUID uuid) {
        return made.get(uuid);
    }

    /** All that are there. Any thread. */
    Collection<LvolBdev> all() {
        return made.values();
    }

    private Optional<VolumeFacts> find(UUID uuid) {
        return volumes.get().stream().filter(volume -> volume.uuid().equals(uuid)).findFirst();
    }

    /** Makes one of a volume, unless it is one, cannot be read or is gone. Once this version leaves, the next one does so. */
    void register(UUID uuid) throws StorageException {
        turn.lock();
        try {
            Optional<VolumeFacts> volume = find(uuid).filter(now -> !now.degraded());
            if (!left && !ends && volume.isPresent() && !aside.contains(uuid) && !made.containsKey(uuid)) {
                registerNow(volume.get());
                if (ends) {
                    base.host().unregister(uuid.toString());
                }
            }
        } finally {
            turn.unlock();
        }
    }

    private void registerNow(VolumeFacts volume) throws StorageException {
        UUID uuid = volume.uuid();
        LvolBdev bdev = base.host().reactors().call(base.reactor(), _ -> {
            LvolBdev next = maker.apply(volume);
            made.put(uuid, next);
            return next;
        });
        boolean registered = false;
        try {
            base.host().register(bdev, record(uuid));
            registered = true;
        } catch (StorageException e) {
            if (!isNextVersions(e)) {
                throw e;
            }
        } finally {
            if (!registered) {
                made.remove(uuid, bdev);
            }
        }
    }

    private CreationRecord record(UUID uuid) {
        return new CreationRecord("", Map.of(Pools.BASE, base.name(), OWES, owing.contains(uuid)), uuid.toString(), uuid);
    }

    /** Whether a block device of the version before had not told its hosts of a loss. */
    static boolean owes(CreationRecord record) {
        return Boolean.TRUE.equals(record.parameters().get(OWES));
    }

    /** Their hosts are to be told of a loss, also by the next version, or were. Any thread. */
    void owe(Collection<UUID> uuids, boolean owes) {
        if (owes) {
            owing.addAll(uuids);
        } else {
            uuids.forEach(owing::remove);
        }
        base.host().environment().threads().background().execute(() -> uuids.forEach(this::keep));
    }

    /** The version before had not told its hosts of a loss, and it is no block device yet. */
    void owes(UUID uuid) {
        owing.add(uuid);
    }

    private void keep(UUID uuid) {
        try {
            if (made.containsKey(uuid) && !left) {
                base.host().resized(uuid.toString(), bdev(uuid).blocks(), record(uuid));
            }
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "The next version of the module does not know of a loss of volume {0}: {1}", uuid, e.getMessage());
        }
    }

    private Bdev bdev(UUID uuid) throws StorageException {
        return base.host().registry().find(uuid.toString()).orElseThrow(
            () -> StorageException.failure(Errno.ENODEV, "volume " + uuid + " is no block device"));
    }

    /** The volumes have become others, and their block devices become these. What cannot be is logged. */
    void settle(List<Geometry> geometries) {
        Map<UUID, Geometry> byUuid = geometries.stream().collect(Collectors.toMap(Geometry::uuid, geometry -> geometry, (one, _) -> one));
        for (UUID uuid : List.copyOf(made.keySet())) {
            try {
                settle(uuid, byUuid.get(uuid));
            } catch (StorageException | RuntimeException e) {
                LOG.log(Level.WARNING, "Volume {0} is not as its block device says: {1}", uuid, e.getMessage());
            }
        }
        registerAll();
    }

    private void settle(UUID uuid, Geometry now) throws StorageException {
        if (now == null) {
            unregister(uuid);
            return;
        }
        Bdev bdev = bdev(uuid);
        if (!bdev.aliases().equals(now.aliases()) || bdev.readOnly() != now.readOnly()) {
            aside(List.of(uuid), () -> null);
        } else if (bdev.blocks() != now.blocks()) {
            resized(uuid, now.blocks());
        }
    }

    /** Whether the block layer has let go of this version, which the pool is told soon. */
    private static boolean isNextVersions(StorageException failure) {
        return failure.code() == -Errno.ENODEV;
    }

    /** As {@link #register}, of all; what cannot be is logged. */
    void registerAll() {
        volumes.get().forEach(volume -> registerIfPossible(volume.uuid()));
    }

    private void registerIfPossible(UUID uuid) {
        try {
            register(uuid);
        } catch (StorageException | RuntimeException e) {
            LOG.log(Level.WARNING, "Volume {0} is no block device: {1}",
                find(uuid).map(VolumeFacts::alias).orElseGet(uuid::toString), e.getMessage());
        }
    }

    /**
     * Takes one away.
     *
     * @throws StorageException EAGAIN when it is the next version's
     */
    void unregister(UUID uuid) throws StorageException {
        if (!made.containsKey(uuid)) {
            return;
        }
        boolean next = left;
        try {
            if (!next) {
                base.host().unregister(uuid.toString());
            }
        } catch (StorageException e) {
            if (!isNextVersions(e)) {
                throw e;
            }
            // Else somebody else has taken it away meanwhile.
            next = made.containsKey(uuid);
        }
        if (next) {
            throw StorageException.failure(Errno.EAGAIN, "volume " + uuid + " is being handed to the next version of its module; try again");
        }
    }

    /** As above, of all that can be; none is made any more. */
    void unregisterAll() throws StorageException {
        ends = true;
        StorageException failure = null;
        for (UUID uuid : List.copyOf(made.keySet())) {
            try {
                unregister(uuid);
            } catch (StorageException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Has as many blocks from now on; the next version finds that out by itself. */
    void resized(UUID uuid, long blocks) throws StorageException {
        try {
            if (made.containsKey(uuid) && !left) {
                base.host().resized(uuid.toString(), blocks);
            }
        } catch (StorageException e) {
            if (!isNextVersions(e)) {
                throw e;
            }
        }
    }

    /** A change of volumes that their block devices must not see. */
    interface Change<T> {
        T make() throws StorageException;
    }

    /**
     * Makes a change while these volumes are no block devices. Those that are there afterwards are again.
     *
     * @throws StorageException EBUSY when that is done to one of them already, or what the change says
     */
    <T> T aside(Collection<UUID> uuids, Change<T> change) throws StorageException {
        List<UUID> taken = new ArrayList<>();
        try {
            for (UUID uuid : uuids) {
                if (!aside.add(uuid)) {
                    throw StorageException.failure(Errno.EBUSY, "volume " + uuid + " is being renamed, deleted or made read only");
                }
                taken.add(uuid);
                unregister(uuid);
            }
            return change.make();
        } finally {
            taken.forEach(aside::remove);
            taken.forEach(this::registerIfPossible);
        }
    }

    /** This version of the module makes none any more; what comes is the next one's. */
    void leave() {
        turn.lock();
        try {
            left = true;
        } finally {
            turn.unlock();
        }
    }

    /**
     * Makes block devices of volumes that the version before made and has none of, now or when it lets go of those that it still has:
     * what is in the block layer already is brought back by others.
     */
    void takeOver() {
        boolean complete = true;
        for (VolumeFacts volume : volumes.get()) {
            if (!made.containsKey(volume.uuid()) && !volume.degraded()) {
                boolean others = base.host().registry().find(volume.uuid().toString()).isPresent();
                complete &= !others;
                if (!others) {
                    registerIfPossible(volume.uuid());
                }
            }
        }
        if (!complete && !left) {
            base.reactor().execute(() -> base.reactor().schedule(look, LOOK_NANOS));
        }
    }

    /** It is gone for good. */
    void gone(UUID uuid) {
        made.remove(uuid);
    }
}
