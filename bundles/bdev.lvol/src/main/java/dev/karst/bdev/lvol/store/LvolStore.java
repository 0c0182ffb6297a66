package dev.karst.bdev.lvol.store;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.ClearMethod;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * A store of volumes on a medium. Each change is answered when it is durable; one that fails for want of room changes nothing.
 * A write of a commit that fails is tried again for a second or so. After that, or after a flush that failed, nobody knows what the medium
 * holds of what was written since the last one, so the store takes no changes until it is {@linkplain #heal healed} or {@linkplain #mount
 * mounted} again.
 *
 * <p>Belongs to one reactor. Answers may come inside the call.
 */
public final class LvolStore {
    private final Parts parts;
    private StoreState state;
    private Allocations allocations;
    private Commits commits;
    private Changes changes;
    private Chains chains;
    private volatile List<String> damage;
    /** The one under way; null for none. */
    private Check check;
    private Runnable whenChecked = () -> {};
    private boolean isHealing;
    private boolean isClosed;
    /** Changes that are not answered. */
    private int running;
    /** To be run when there are none; null for nothing. */
    private Runnable whenUnchanging;

    private LvolStore(Mount mount, Parts parts) {
        this.parts = parts;
        damage = List.copyOf(mount.damage());
        begin(mount.state());
    }

    private void begin(StoreState begun) {
        state = begun;
        allocations = new Allocations(state);
        commits = new Commits(state, allocations::giveBackToMedium);
        allocations.commits(commits);
        changes = new Changes(state, commits, allocations);
        chains = new Chains(state, changes, allocations);
    }

    /**
     * Makes an empty store, durably, on a medium whose contents are lost. Fails with EINVAL when the options do not fit the
     * medium, or with the error of an I/O; then the medium may hold no store.
     */
    public static void format(Medium medium, StoreOptions options, Outcome<LvolStore> outcome) {
        Format.run(medium, options, (_, failure) -> {
            if (failure != null) {
                outcome.failed(failure);
            } else {
                mount(medium, outcome);
            }
        });
    }

    /**
     * Finds the store of a medium as the last durable change left it. Writes nothing. Fails with ENOENT when there is none, and
     * with EINVAL when its super blocks are damaged, of another version, or do not fit the medium. What else is damaged, {@link
     * #damage} says.
     */
    public static void mount(Medium medium, Outcome<LvolStore> outcome) {
        mount(medium, new Parts(), outcome);
    }

    static void mount(Medium medium, Parts parts, Outcome<LvolStore> outcome) {
        new Mount(medium, parts, (mount, failure) -> {
            if (failure != null) {
                outcome.failed(failure);
            } else {
                outcome.succeeded(new LvolStore(mount, parts));
            }
        }).go();
    }

    /** The medium holds no store any more, durably. Nobody uses one on it. */
    public static void erase(Medium medium, Done done) {
        Format.erase(medium, done);
    }

    /** Who does I/O on the volumes. */
    public void users(Users users) {
        changes.users(users);
    }

    /**
     * Where the contents of external snapshots come from.
     *
     * @param found what an external snapshot of that name holds; null while it is absent, and then what needs it fails with EIO
     */
    public void externals(Function<String, ExternalSource> found) {
        allocations.externals(found);
    }

    public UUID uuid() {
        return state.durable().uuid();
    }

    public String name() {
        return state.name();
    }

    public int clusterSize() {
        return state.clusterSize;
    }

    /** Clusters that volumes have or can get. */
    public int totalClusters() {
        return state.clusters.total() - state.clusters.first();
    }

    /** Clusters that volumes can get. */
    public int freeClusters() {
        return state.clusters.free();
    }

    public ClearMethod clearMethod() {
        return state.durable().clearMethod();
    }

    /** All volumes, in the order of their slots; the damaged ones too. */
    public List<Volume> volumes() {
        return state.volumes();
    }

    /** The volume of that name. */
    public Optional<Volume> find(String name) {
        return state.volumes().stream().filter(volume -> volume.name().equals(name)).findFirst();
    }

    /**
     * What the mount found that does not check and was not repaired since; empty if all is well. While there is any, clusters and
     * pages that may be needed stay as they are. Any thread.
     */
    public List<String> damage() {
        return damage;
    }

    /** Why the store takes no changes any more; null if it does. */
    public StorageException failure() {
        return state.failure();
    }

    /** What is done when the store takes no changes any more, on its reactor. */
    public void whenFailed(Runnable task) {
        state.whenFailed(task);
    }

    /**
     * Lets a store that takes no changes any more take them again, if its medium works: as after a power cut, it is what it was with its
     * last durable change, and of what was written since the last flush that went well any may be lost. So each volume that can be
     * written answers one {@link #flush(Volume, Done)} with an error. Volumes that were never durable are damaged from now on, and are in
     * no store. Fails with EAGAIN while changes or a check are under way, and with EIO; then all is as it was.
     */
    public void heal(Outcome<Void> outcome) {
        if (state.failure() == null) {
            outcome.succeeded(null);
        } else if (isClosed || state.isClosing() || running > 0 || check != null) {
            outcome.failed(StorageException.failure(Errno.EAGAIN, "store " + state.name() + " is busy; try again"));
        } else {
            running++;
            isHealing = true;
            new Healing(state, changes, allocations, parts, (fresh, failure) -> {
                running--;
                isHealing = false;
                if (failure == null) {
                    goOn(fresh);
                }
                outcome.ended(null, failure);
                tellUnchanging();
            }).go();
        }
    }

    /** With another state, for the same users. */
    private void goOn(StoreState fresh) {
        Users users = changes.users();
        Function<String, ExternalSource> externals = allocations.externals();
        fresh.whenFailed(state.whenFailed());
        if (state.isClosing()) {
            fresh.closing();
        }
        begin(fresh);
        users(users);
        externals(externals);
    }

    /** How often the store was changed durably. */
    public long generation() {
        return state.durable().generation();
    }

    /** Makes a volume of so many clusters, at least one. Fails with EEXIST, EINVAL, ENOSPC or EIO. */
    public void create(VolumeOptions options, int clusters, Outcome<Volume> outcome) {
        attempt(outcome, told -> changes.create(options, clusters, told));
    }

    /**
     * Deletes a volume. If it is a snapshot with one clone, that gets what it saw through it. Fails with EPERM when it has more
     * clones, EBUSY, or EIO.
     */
    public void delete(Volume volume, Outcome<Void> outcome) {
        attempt(outcome, told -> changes.delete(volume, told));
    }

    /** Gives a volume another name. Fails with EEXIST, EINVAL, EBUSY or EIO. */
    public void rename(Volume volume, String name, Outcome<Void> outcome) {
        attempt(outcome, told -> changes.rename(volume, name, told));
    }

    /**
     * Gives a volume another length, at least one cluster. What is new reads as zeros. Fails with EPERM, EINVAL, EBUSY, ENOSPC or
     * EIO.
     */
    public void resize(Volume volume, int clusters, Outcome<Void> outcome) {
        attempt(outcome, told -> changes.resize(volume, clusters, told));
    }

    /** Nothing can be written to the volume any more. Fails with EBUSY or EIO. */
    public void setReadOnly(Volume volume, Outcome<Void> outcome) {
        attempt(outcome, told -> changes.setReadOnly(volume, told));
    }

    /**
     * Makes a snapshot of a volume, which becomes its clone. Fails with EINVAL when the volume is read only, EEXIST, EBUSY,
     * ENOSPC or EIO. Of the options only UUID, name and extended attributes count.
     */
    public void snapshot(Volume volume, VolumeOptions options, Outcome<Volume> outcome) {
        attempt(outcome, told -> chains.snapshot(volume, options, told));
    }

    /** Makes a volume that holds what a snapshot holds, until it is written. Fails with EINVAL, EEXIST, EBUSY, ENOSPC or EIO. */
    public void clone(Volume snapshot, VolumeOptions options, Outcome<Volume> outcome) {
        attempt(outcome, told -> chains.clone(snapshot, options, told));
    }

    /**
     * Makes a volume of so many clusters that holds what lies outside of the store, until it is written.
     *
     * @param external what it is called, up to 255 bytes of UTF-8; {@link #externals} says where it is
     */
    public void cloneExternal(String external, int clusters, VolumeOptions options, Outcome<Volume> outcome) {
        attempt(outcome, told -> chains.cloneExternal(external, clusters, options, told));
    }

    /** The volume gets clusters of its own everywhere, and no parent. Fails with EBUSY, ENOSPC or EIO. */
    public void inflate(Volume volume, Outcome<Void> outcome) {
        attempt(outcome, told -> chains.inflate(volume, told));
    }

    /**
     * The volume gets clusters of its own where its parent has some, and its parent's parent. Fails with EINVAL when it has none,
     * EBUSY, ENOSPC or EIO.
     */
    public void decouple(Volume volume, Outcome<Void> outcome) {
        attempt(outcome, told -> chains.decouple(volume, told));
    }

    /**
     * The snapshot is seen from now on where the volume has no clusters. Fails with EINVAL when the volume is thick or the other one is
     * no snapshot of its size or stands on it, EEXIST when that is its parent already, EBUSY or EIO.
     */
    public void setParent(Volume volume, Volume snapshot, Outcome<Void> outcome) {
        attempt(outcome, told -> chains.setParent(volume, snapshot, null, told));
    }

    /** As {@link #setParent}, something outside of the store. */
    public void setExternalParent(Volume volume, String external, Outcome<Void> outcome) {
        attempt(outcome, told -> chains.setParent(volume, null, external, told));
    }

    /** Gives the store another name. Fails with EINVAL or EIO. */
    public void renameStore(String name, Outcome<Void> outcome) {
        attempt(outcome, told -> {
            String fault = Format.nameFault(name);
            if (fault != null) {
                throw Failures.invalid(fault);
            }
            state.rename(name);
            changes.commit(null, told);
        });
    }

    /** Takes what the medium has more than before. Succeeds when there is nothing; fails with EIO. */
    public void grow(Outcome<Void> outcome) {
        attempt(outcome, told -> chains.grow(told));
    }

    /**
     * Gives a volume a cluster of its own at that index, with what was seen there until now, so that a write can be done; what is
     * written may be read at once, and is durable with the next {@link #flush}. Several may ask for the same cluster.
     *
     * @param done with ENOSPC when none is free, EIO, or the status of a failed copy
     */
    public void allocate(Volume volume, int index, Done done) {
        if (state.failure() != null) {
            done.done(Failures.status(state.failure()));
        } else {
            allocations.own(volume, index, done);
        }
    }

    /**
     * Frees clusters of a volume, which read as zeros from now on; durable with the next {@link #flush}. No I/O on them is in
     * flight, nor is there until it is answered. Fails with ENOSPC or EIO.
     */
    public void release(Volume volume, int index, int count, Outcome<Void> outcome) {
        // A host's, for whom the close of the store is a pause.
        if (!takesNothing(outcome)) {
            attemptNow(outcome, told -> changes.release(volume, index, count, told));
        }
    }

    /**
     * The volume keeps its map until {@link #letGo}: what would change it fails with EBUSY.
     *
     * @param with what is being done, for people to read
     * @throws StorageException EBUSY when something longer is done to it already, EIO when it is damaged
     */
    public void hold(Volume volume, String with) throws StorageException {
        volume.busy(with);
    }

    /** What was {@linkplain #hold held} can change again. */
    public void letGo(Volume volume) {
        volume.idle();
    }

    /** All data whose writes have ended, and all changes, become durable, and so does what the mount has found. */
    public void flush(Done done) {
        commits.confirm(done);
    }

    /** As above, for a user of this volume, who is told once when writes to it may have been lost: then it fails with EIO. */
    public void flush(Volume volume, Done done) {
        if (state.failure() == null && volume.owesFailure()) {
            volume.toldOfLoss();
            done.done(Status.errno(Errno.EIO));
        } else {
            commits.request(done);
        }
    }

    /** The next {@link #flush(Volume, Done)} fails: the store before lost writes, perhaps, and did not say so. */
    public void tellOfLoss(Volume volume) {
        volume.tellOfLoss();
    }

    /**
     * Takes no changes any more, which fail with EAGAIN. Those under way end before {@code then} is run: an inflation or decoupling at its
     * next cluster, with EAGAIN too. I/O goes on.
     */
    public void endChanges(Runnable then) {
        state.closing();
        whenUnchanging = then;
        tellUnchanging();
    }

    /** Ends when all changes are durable and nothing is in flight; a check ends early. The store is not used any more. */
    public void close(Done done) {
        isClosed = true;
        if (check != null) {
            check.end();
            whenChecked = () -> close(done);
            return;
        }
        allocations.whenQuiet(() -> commits.request(status ->
            commits.whenIdle(() -> allocations.whenQuiet(() -> done.done(status)))));
    }

    /**
     * Reads all metadata as they are durable, while the store works on, and changes nothing. Fails with EBUSY when a check is
     * under way, ECANCELED when it was ended, and ENODEV when the store is closed.
     *
     * @param progress told how many pages were read, after each, of about {@link #metadataPages}; false ends the check
     */
    public void check(IntPredicate progress, Outcome<StoreCheck> outcome) {
        if (isClosed) {
            outcome.failed(StorageException.failure(Errno.ENODEV, "store " + state.name() + " is closed"));
        } else if (check != null) {
            outcome.failed(checking());
        } else if (isHealing) {
            outcome.failed(StorageException.failure(Errno.EBUSY, "store " + state.name() + " is being read again"));
        } else {
            check = new Check(state, commits, parts, progress, (found, failure) -> {
                check = null;
                outcome.ended(found, failure);
                whenChecked.run();
            });
            check.go();
        }
    }

    /** Pages of metadata in use: about as many as a check reads. */
    public int metadataPages() {
        return state.pages.used();
    }

    /**
     * What {@link #repair} would do, each step in words; empty for nothing.
     *
     * @param found what a check found
     */
    public List<String> repairs(StoreCheck found) {
        return repairOf(found).steps();
    }

    /** Why there is no room for that; null if there is. */
    public StorageException repairObstacle(StoreCheck found) {
        return repairOf(found).obstacle();
    }

    private Repair repairOf(StoreCheck found) {
        return new Repair(state, changes, allocations, damage, found);
    }

    /**
     * Does what {@link #repairs} says, durably, and tells it. I/O on what is not damaged goes on. Fails with EBUSY while a check is
     * under way, ENOSPC when pages are to be written anew and there is no room beside them, and EIO.
     *
     * @param found what a check found, after which nobody but this store wrote to the medium
     */
    public void repair(StoreCheck found, Outcome<List<String>> outcome) {
        attempt(outcome, told -> {
            if (check != null) {
                throw checking();
            }
            repairOf(found).go(() -> damage = List.of(), told);
        });
    }

    private StorageException checking() {
        return StorageException.failure(Errno.EBUSY, "a check of store " + state.name() + " is under way");
    }

    /** For tests that make damage. */
    StoreState state() {
        return state;
    }

    /** Does something that may be refused. */
    private interface Attempt<T> {
        void go(Outcome<T> told) throws StorageException;
    }

    private <T> void attempt(Outcome<T> outcome, Attempt<T> attempt) {
        if (takesNothing(outcome)) {
            return;
        }
        if (state.isClosing()) {
            outcome.failed(Failures.closing(state.name()));
            return;
        }
        running++;
        attemptNow((value, failure) -> {
            running--;
            outcome.ended(value, failure);
            tellUnchanging();
        }, attempt);
    }

    /** Whether a commit has failed, which the outcome is told. */
    private boolean takesNothing(Outcome<?> outcome) {
        if (state.failure() == null) {
            return false;
        }
        outcome.failed(StorageException.failure(Errno.EIO,
            "store " + state.name() + " takes no changes until its device works again or it is loaded again: " + state.failure().getMessage()));
        return true;
    }

    private static <T> void attemptNow(Outcome<T> outcome, Attempt<T> attempt) {
        try {
            attempt.go(outcome);
        } catch (StorageException e) {
            outcome.failed(e);
        }
    }

    private void tellUnchanging() {
        if (running == 0 && whenUnchanging != null) {
            Runnable then = whenUnchanging;
            whenUnchanging = null;
            then.run();
        }
    }
}
