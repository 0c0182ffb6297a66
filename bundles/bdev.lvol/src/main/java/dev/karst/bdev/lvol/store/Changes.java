package dev.karst.bdev.lvol.store;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.PageTree;
import dev.karst.bdev.lvol.disk.SuperBlock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;

/**
 * Changes of single volumes. Each is made in memory at once, when all that it needs is there, and answered when it is durable.
 */
final class Changes {
    /** A change in memory. */
    interface Change<T> {
        /** @throws StorageException when it cannot be made any more; then nothing has changed */
        T make() throws StorageException;
    }

    /** Steps of which each goes on with the next one, perhaps inside itself, so that many of them take no more of the stack than one. */
    static final class Steps {
        private final Runnable step;
        private boolean stepping;
        private boolean again;

        Steps(Runnable step) {
            this.step = step;
        }

        void go() {
            again = true;
            while (again && !stepping) {
                again = false;
                stepping = true;
                step.run();
                stepping = false;
            }
        }
    }

    private final StoreState state;
    private final Commits commits;
    private final Allocations allocations;
    private Users users = Users.NONE;

    Changes(StoreState state, Commits commits, Allocations allocations) {
        this.state = state;
        this.commits = commits;
        this.allocations = allocations;
    }

    void users(Users users) {
        this.users = users;
    }

    Users users() {
        return users;
    }

    /** Answers when all changes until now are durable. */
    <T> void commit(T value, Outcome<T> outcome) {
        commits.request(status -> {
            if (status == Status.OK) {
                outcome.succeeded(value);
            } else {
                outcome.failed(Failures.io("making the change durable", status));
            }
        });
    }

    /** Makes a change that needs so many pages, and answers when it is durable. */
    private <T> void change(int pages, boolean makesRoom, Change<T> change, Outcome<T> outcome) {
        allocations.needPages(pages, makesRoom, (_, failure) -> {
            if (failure != null) {
                outcome.failed(failure);
            } else {
                make(change, () -> { }, outcome);
            }
        });
    }

    private <T> void make(Change<T> change, Runnable made, Outcome<T> outcome) {
        T value;
        try {
            value = change.make();
        } catch (StorageException e) {
            made.run();
            outcome.failed(e);
            return;
        }
        made.run();
        commit(value, outcome);
    }

    /** As {@link #change}, while nobody does I/O on the volume or on those that see through it. */
    <T> void changeInPause(Volume volume, int pages, boolean makesRoom, Change<T> change, Outcome<T> outcome) {
        pauseFamily(volume, pages, makesRoom, (paused, failure) -> {
            if (failure != null) {
                outcome.failed(failure);
            } else {
                make(change, () -> resume(paused), outcome);
            }
        });
    }

    /** Nobody does I/O on the volume and on those that see through it until they are resumed, and so many pages can be made dirty. */
    private void pauseFamily(Volume volume, int pages, boolean makesRoom, Outcome<List<Volume>> outcome) {
        List<Volume> paused = family(volume);
        pause(paused, () -> allocations.needPages(pages, makesRoom, (_, failure) -> {
            if (failure == null && new HashSet<>(paused).containsAll(family(volume))) {
                outcome.succeeded(paused);
                return;
            }
            resume(paused);
            if (failure != null) {
                outcome.failed(failure);
            } else {
                // One more sees through it by now.
                pauseFamily(volume, pages, makesRoom, outcome);
            }
        }));
    }

    private static List<Volume> family(Volume volume) {
        List<Volume> all = new ArrayList<>();
        all.add(volume);
        for (int i = 0; i < all.size(); i++) {
            all.addAll(all.get(i).clones());
        }
        return all;
    }

    /** Nobody does I/O on them until {@link #resume}. */
    void pause(List<Volume> volumes, Runnable then) {
        new Pausing(volumes, then).steps.go();
    }

    /** Volumes that stand still one after the other. */
    private final class Pausing {
        private final Iterator<Volume> volumes;
        private final Runnable then;
        private final Steps steps = new Steps(this::step);

        Pausing(List<Volume> volumes, Runnable then) {
            this.volumes = volumes.iterator();
            this.then = then;
        }

        private void step() {
            if (volumes.hasNext()) {
                users.pause(volumes.next(), steps::go);
            } else {
                then.run();
            }
        }
    }

    void resume(List<Volume> volumes) {
        volumes.forEach(users::resume);
    }

    /** Pages that the extents of so many clusters take at most, and the header with its way up. */
    int pagesOf(int clusters) {
        int leaves = Layer.pieces(clusters);
        return leaves + leaves / (PageTree.FANOUT - 1) + 4 + state.headerPages();
    }

    void create(VolumeOptions options, int clusters, Outcome<Volume> outcome) throws StorageException {
        if (clusters <= 0) {
            throw Failures.invalid("a volume of " + clusters + " clusters; it has one or more");
        }
        add(options, options.thin() ? 0 : clusters, taken -> {
            Volume volume = empty(options, clusters);
            for (int index = 0; index < taken.length; index++) {
                state.set(volume, index, taken[index]);
            }
            volume.thin(options.thin());
            return volume;
        }, outcome);
    }

    /** Makes a volume in memory. */
    interface Maker {
        Volume make(int[] taken);
    }

    /** Adds a volume with a new name that gets so many clusters. */
    void add(VolumeOptions options, int clusters, Maker maker, Outcome<Volume> outcome) throws StorageException {
        checkSize(options);
        state.reserve(options.name(), options.uuid());
        Outcome<Volume> answered = (volume, failure) -> {
            if (failure != null && state.failure() == null) {
                state.names.remove(options.name());
            }
            outcome.ended(volume, failure);
        };
        allocations.acquire(clusters, (taken, failure) -> {
            if (failure != null) {
                answered.failed(failure);
                return;
            }
            change(pagesOf(clusters), false, () -> maker.make(taken), (volume, why) -> {
                if (why != null && state.failure() == null) {
                    allocations.giveBack(taken);
                }
                answered.ended(volume, why);
            });
        });
    }

    /** Whether its header fits into a page, whatever name and parent it gets later. */
    void checkSize(VolumeOptions options) throws StorageException {
        var volume = new Volume(0, options.uuid(), "n".repeat(SuperBlock.NAME_BYTES), new Layer(0, null, true),
            new PageTree(0, 0, state.pages, 0));
        volume.parent(null, "e".repeat(Chains.EXTERNAL_BYTES));
        options.xattrs().forEach(volume::xattr);
        if (options.xattrs().size() > 64 || volume.header().encode() == null) {
            throw Failures.invalid("the extended attributes of volume " + options.name() + " do not fit into a page");
        }
    }

    /** A volume without contents, in its slot. */
    Volume empty(VolumeOptions options, int clusters) {
        var volume = new Volume(state.freeSlot(), options.uuid(), options.name(), new Layer(clusters, null, false),
            new PageTree(Page.EXTENTS, Page.EXTENTS_NODE, state.pages, Layer.pieces(clusters)));
        volume.clearMethod(options.clearMethod());
        options.xattrs().forEach(volume::xattr);
        state.add(volume);
        return volume;
    }

    void delete(Volume volume, Outcome<Void> outcome) throws StorageException {
        volume.requireIdle();
        List<Volume> clones = volume.clones();
        requireOneClone(volume);
        Volume heir = clones.isEmpty() ? null : clones.getFirst();
        if (heir != null) {
            heir.busy("the deletion of its parent");
        }
        int pages = state.headerPages() * 2 + (heir == null ? 0 : pagesOf(heir.clusters()));
        volume.busy("its deletion");
        if (heir != null) {
            leaveTo(heir, volume, pages, ended(volume, outcome));
            return;
        }
        changeInPause(volume, pages, true, () -> {
            state.remove(volume);
            return null;
        }, ended(volume, outcome));
    }

    /**
     * Nobody writes to the heir until that is durable: what it writes into clusters that it got would be seen in the snapshot, if that was
     * still there after a power cut or a commit that failed.
     */
    private void leaveTo(Volume heir, Volume snapshot, int pages, Outcome<Void> outcome) {
        Volume parent = snapshot.parent();
        String external = snapshot.external();
        pauseFamily(snapshot, pages, true, (paused, failure) -> {
            if (failure != null) {
                heir.idle();
                outcome.failed(failure);
                return;
            }
            Outcome<Void> ended = (_, why) -> {
                heir.idle();
                resume(paused);
                outcome.ended(null, why);
            };
            try {
                // A volume that stood on the heir may have been decoupled from it.
                requireOneClone(snapshot);
            } catch (StorageException e) {
                ended.failed(e);
                return;
            }
            BitSet left = inherit(snapshot, heir);
            state.remove(snapshot);
            commit((Void) null, (_, why) -> {
                if (why != null) {
                    takeBack(left, snapshot, heir);
                    snapshot.parent(parent, external);
                }
                ended.ended(null, why);
            });
        });
    }

    private static void requireOneClone(Volume snapshot) throws StorageException {
        int clones = snapshot.clones().size();
        if (clones > 1) {
            throw Failures.notPermitted("snapshot " + snapshot.name() + " has " + clones + " clones; delete or decouple all but one");
        }
    }

    /** Those who read see again what is durable, for as long as nothing is changed any more. */
    private void takeBack(BitSet left, Volume snapshot, Volume heir) {
        for (int index = left.nextSetBit(0); index >= 0; index = left.nextSetBit(index + 1)) {
            int cluster = state.take(heir, index);
            snapshot.layer().set(index, cluster);
            snapshot.allocated(cluster > 0 ? 1 : 0);
        }
        heir.parent(snapshot, null);
        state.names.add(snapshot.name());
        state.put(snapshot);
    }

    private static <T> Outcome<T> ended(Volume volume, Outcome<T> outcome) {
        return (value, failure) -> {
            volume.idle();
            outcome.ended(value, failure);
        };
    }

    /** The only clone of a snapshot gets what it saw through it. Gives the clusters. */
    private BitSet inherit(Volume snapshot, Volume heir) {
        var left = new BitSet();
        for (int index = 0; index < Math.min(snapshot.clusters(), heir.clusters()); index++) {
            if (heir.own(index) == Layer.NONE) {
                int cluster = state.take(snapshot, index);
                state.set(heir, index, cluster);
                left.set(index, cluster != Layer.NONE);
            }
        }
        if (snapshot.parent() != null || snapshot.external() != null) {
            hideBehind(heir, snapshot.clusters());
        }
        heir.parent(snapshot.parent(), snapshot.external());
        state.touch(heir);
        return left;
    }

    /**
     * What lies below from there on, and was not seen, is not seen either when another parent, which is longer, takes its place.
     */
    private void hideBehind(Volume heir, int from) {
        for (int index = from; index < heir.clusters(); index++) {
            if (heir.own(index) == Layer.NONE) {
                state.set(heir, index, Layer.ZEROS);
            }
        }
    }

    void rename(Volume volume, String name, Outcome<Void> outcome) throws StorageException {
        volume.requireIdle();
        if (name.equals(volume.name())) {
            outcome.succeeded(null);
            return;
        }
        state.reserve(name);
        change(state.headerPages(), true, () -> {
            state.names.remove(volume.name());
            volume.name(name);
            state.touch(volume);
            return null;
        }, (_, failure) -> {
            if (failure != null && !name.equals(volume.name())) {
                state.names.remove(name);
            }
            outcome.ended(null, failure);
        });
    }

    void setReadOnly(Volume volume, Outcome<Void> outcome) throws StorageException {
        volume.requireIdle();
        changeInPause(volume, state.headerPages(), true, () -> {
            volume.readOnly(true);
            state.touch(volume);
            return null;
        }, outcome);
    }

    void resize(Volume volume, int clusters, Outcome<Void> outcome) throws StorageException {
        volume.requireIdle();
        if (volume.isSnapshot() || volume.readOnly()) {
            throw Failures.notPermitted("volume " + volume.name() + " is read only, and keeps its size");
        } else if (clusters <= 0) {
            throw Failures.invalid("a volume of " + clusters + " clusters; it has one or more");
        }
        volume.busy("a change of its size");
        int before = volume.clusters();
        int needed = volume.thin() ? 0 : Math.max(0, clusters - before);
        allocations.acquire(needed, (taken, failure) -> {
            if (failure != null) {
                ended(volume, outcome).failed(failure);
                return;
            }
            int pages = pagesOf(Math.abs(clusters - before)) + volume.extents().height();
            changeInPause(volume, pages, clusters < before, () -> {
                setSize(volume, clusters, taken);
                return null;
            }, (_, why) -> {
                if (why != null && state.failure() == null) {
                    allocations.giveBack(taken);
                }
                ended(volume, outcome).ended(null, why);
            });
        });
    }

    private void setSize(Volume volume, int clusters, int[] taken) {
        int before = volume.clusters();
        for (int index = clusters; index < before; index++) {
            state.set(volume, index, Layer.NONE);
        }
        volume.layer().resize(clusters);
        volume.extents().resize(Layer.pieces(clusters));
        state.touch(volume);
        for (int index = before; index < clusters; index++) {
            int cluster = taken.length > 0 ? taken[index - before] : hides(volume, index) ? Layer.ZEROS : Layer.NONE;
            state.set(volume, index, cluster);
        }
    }

    /** Whether something else than zeros may be seen where the volume has nothing itself. */
    private static boolean hides(Volume volume, int index) {
        return volume.external() != null || volume.parent() != null && volume.parent().find(index) != Layer.ZEROS;
    }

    /** The clusters are freed and read as zeros. */
    void release(Volume volume, int from, int count, Outcome<Void> outcome) throws StorageException {
        volume.requireIdle();
        int to = (int) Math.min(volume.clusters(), from + (long) count);
        int height = volume.extents().height();
        long least = leavesToRelease(volume, from, to) * (height + 1L) + state.headerPages();
        allocations.needPages((int) Math.min(least, pagesOf(count) + height), true, (_, failure) -> {
            if (failure != null || volume.isBusy()) {
                outcome.failed(failure == null ? Failures.busy(volume.name(), "something longer") : failure);
                return;
            }
            for (int index = from; index < Math.min(volume.clusters(), to); index++) {
                state.set(volume, index, released(volume, index));
            }
            outcome.succeeded(null);
        });
    }

    private static int released(Volume volume, int index) {
        return hides(volume, index) ? Layer.ZEROS : Layer.NONE;
    }

    /** How many leaves of extents that changes. */
    private static int leavesToRelease(Volume volume, int from, int to) {
        int leaves = 0;
        for (long index = from; index < to; index++) {
            if (volume.own((int) index) != released(volume, (int) index)) {
                leaves++;
                index += Layer.PIECE - 1 - index % Layer.PIECE;
            }
        }
        return leaves;
    }
}
