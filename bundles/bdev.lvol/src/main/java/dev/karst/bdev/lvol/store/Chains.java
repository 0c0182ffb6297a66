package dev.karst.bdev.lvol.store;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.PageTree;
import java.nio.charset.StandardCharsets;

/** Changes of what volumes see through each other: snapshots, clones and parents. And the growth of the store. */
final class Chains {
    /** Most bytes of the name of an external snapshot. */
    static final int EXTERNAL_BYTES = 255;

    private final StoreState state;
    private final Changes changes;
    private final Allocations allocations;
    private boolean growing;

    Chains(StoreState state, Changes changes, Allocations allocations) {
        this.state = state;
        this.changes = changes;
        this.allocations = allocations;
    }

    void snapshot(Volume volume, VolumeOptions options, Outcome<Volume> outcome) throws StorageException {
        volume.requireIdle();
        if (volume.isSnapshot() || volume.readOnly()) {
            throw Failures.invalid("volume " + volume.name() + " is read only: it is its own snapshot, and can be cloned");
        }
        changes.checkSize(options);
        state.reserve(options.name(), options.uuid());
        volume.busy("a snapshot");
        changes.changeInPause(volume, 3 * state.headerPages(), false, () -> snapshot(volume, options), (snapshot, failure) -> {
            volume.idle();
            if (failure != null && state.failure() == null) {
                state.names.remove(options.name());
            }
            outcome.ended(snapshot, failure);
        });
    }

    private Volume snapshot(Volume volume, VolumeOptions options) {
        Volume snapshot = changes.empty(options, 0);
        snapshot.takeContents(volume);
        snapshot.clearMethod(volume.clearMethod());
        snapshot.thin(volume.thin());
        snapshot.snapshot(true);
        snapshot.readOnly(true);
        snapshot.parent(volume.parent(), volume.external());
        int clusters = volume.clusters();
        volume.contents(new Layer(clusters, null, false),
            new PageTree(Page.EXTENTS, Page.EXTENTS_NODE, state.pages, Layer.pieces(clusters)));
        volume.parent(snapshot, null);
        volume.thin(true);
        state.touch(snapshot);
        state.touch(volume);
        return snapshot;
    }

    void clone(Volume snapshot, VolumeOptions options, Outcome<Volume> outcome) throws StorageException {
        snapshot.requireIdle();
        if (!snapshot.isSnapshot() && !snapshot.readOnly()) {
            throw Failures.invalid("volume " + snapshot.name() + " can be written; make a snapshot of it, and clone that");
        }
        snapshot.busy("the making of a clone");
        changes.add(options, 0, _ -> {
            Volume clone = changes.empty(options, snapshot.clusters());
            clone.thin(true);
            clone.parent(snapshot, null);
            return clone;
        }, (clone, failure) -> {
            snapshot.idle();
            outcome.ended(clone, failure);
        });
    }

    void cloneExternal(String external, int clusters, VolumeOptions options, Outcome<Volume> outcome) throws StorageException {
        checkExternal(external, clusters);
        changes.add(options, 0, _ -> {
            Volume clone = changes.empty(options, clusters);
            clone.thin(true);
            clone.parent(null, external);
            return clone;
        }, outcome);
    }

    void inflate(Volume volume, Outcome<Void> outcome) throws StorageException {
        requireWritable(volume);
        volume.busy("its inflation");
        new Filling(volume, true, outcome).start();
    }

    void decouple(Volume volume, Outcome<Void> outcome) throws StorageException {
        requireWritable(volume);
        if (volume.parent() == null && volume.external() == null) {
            throw Failures.invalid("volume " + volume.name() + " has no parent");
        }
        volume.busy("the decoupling from its parent");
        new Filling(volume, false, outcome).start();
    }

    private static void requireWritable(Volume volume) throws StorageException {
        volume.requireIdle();
        if (volume.isSnapshot()) {
            throw Failures.invalid("volume " + volume.name() + " is a snapshot, and keeps its parent");
        }
    }

    /** A volume on its way to clusters of its own. */
    private final class Filling {
        private final Volume volume;
        private final boolean all;
        private final Outcome<Void> outcome;
        private final Changes.Steps steps = new Changes.Steps(this::step);
        private int at;

        Filling(Volume volume, boolean all, Outcome<Void> outcome) {
            this.volume = volume;
            this.all = all;
            this.outcome = outcome;
        }

        private boolean lacks(int index) {
            int own = volume.own(index);
            if (all) {
                return own <= 0;
            } else if (own != Layer.NONE) {
                return false;
            }
            Volume parent = volume.parent();
            return parent == null ? volume.find(index) == Layer.EXTERNAL : parent.own(index) > 0;
        }

        void start() {
            int lacking = 0;
            for (int index = 0; index < volume.clusters(); index++) {
                lacking += lacks(index) ? 1 : 0;
            }
            if (lacking > state.clusters.free()) {
                fail(Failures.noClusters(lacking, state.clusters.free()));
            } else {
                steps.go();
            }
        }

        private void step() {
            while (at < volume.clusters() && !lacks(at)) {
                at++;
            }
            if (at < volume.clusters() && state.isClosing()) {
                fail(Failures.closing(state.name()));
                return;
            }
            if (at < volume.clusters()) {
                allocations.own(volume, at, status -> {
                    if (status == Status.OK) {
                        steps.go();
                    } else {
                        fail(Failures.io("giving volume " + volume.name() + " clusters of its own", status));
                    }
                });
                return;
            }
            changes.changeInPause(volume, changes.pagesOf(volume.clusters()), false, this::finish, (finished, failure) -> {
                if (failure == null && !finished) {
                    at = 0;
                    steps.go();
                    return;
                }
                volume.idle();
                outcome.ended(null, failure);
            });
        }

        /** False when there is more to do, as the parent got clusters meanwhile. */
        private boolean finish() {
            for (int index = 0; index < volume.clusters(); index++) {
                if (lacks(index)) {
                    return false;
                }
            }
            Volume parent = volume.parent();
            if (all) {
                volume.parent(null, null);
                volume.thin(false);
            } else {
                boolean deeper = parent != null && (parent.parent() != null || parent.external() != null);
                for (int index = 0; deeper && index < volume.clusters(); index++) {
                    if (volume.own(index) == Layer.NONE && (index >= parent.clusters() || parent.own(index) == Layer.ZEROS)) {
                        state.set(volume, index, Layer.ZEROS);
                    }
                }
                volume.parent(parent == null ? null : parent.parent(), parent == null ? null : parent.external());
            }
            state.touch(volume);
            return true;
        }

        private void fail(StorageException why) {
            volume.idle();
            outcome.failed(why);
        }
    }

    void setParent(Volume volume, Volume snapshot, String external, Outcome<Void> outcome) throws StorageException {
        requireWritable(volume);
        if (!volume.thin()) {
            throw Failures.invalid("volume " + volume.name() + " is thick, and sees nothing of a parent; only a thin one can get one");
        }
        if (snapshot == null) {
            checkExternal(volume, external);
        } else {
            snapshot.requireIdle();
            checkParent(volume, snapshot);
            snapshot.busy("the change of the parent of " + volume.name());
        }
        volume.busy("a change of its parent");
        changes.changeInPause(volume, state.headerPages(), true, () -> {
            if (snapshot != null) {
                // What that stands on may have got another parent.
                checkParent(volume, snapshot);
            }
            volume.parent(snapshot, external);
            state.touch(volume);
            return null;
        }, (_, failure) -> {
            volume.idle();
            if (snapshot != null) {
                snapshot.idle();
            }
            outcome.ended(null, failure);
        });
    }

    private static void checkParent(Volume volume, Volume snapshot) throws StorageException {
        if (!snapshot.isSnapshot() || snapshot.clusters() != volume.clusters()) {
            throw Failures.invalid(snapshot.name() + " is no snapshot of " + volume.clusters() + " clusters, as the parent of volume "
                + volume.name() + " must be");
        } else if (volume.parent() == snapshot) {
            throw Failures.parentAlready(volume.name(), snapshot.name());
        }
        for (Volume at = snapshot.parent(); at != null; at = at.parent()) {
            if (at == volume) {
                throw Failures.invalid("snapshot " + snapshot.name() + " stands on volume " + volume.name() + " itself");
            }
        }
    }

    private static void checkExternal(Volume volume, String external) throws StorageException {
        if (external.equals(volume.external())) {
            throw Failures.parentAlready(volume.name(), external);
        }
        checkExternal(external, volume.clusters());
    }

    private static void checkExternal(String external, int clusters) throws StorageException {
        int bytes = external.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > EXTERNAL_BYTES || clusters <= 0) {
            throw Failures.invalid("an external snapshot has a name of 1 to " + EXTERNAL_BYTES + " bytes, and one cluster or more");
        }
    }

    void grow(Outcome<Void> outcome) throws StorageException {
        int before = state.clusters.total();
        long after = state.medium.bytes() / state.clusterSize;
        if (after <= before) {
            // Perhaps by what is not durable yet.
            changes.commit(null, outcome);
        } else if (after >= Integer.MAX_VALUE) {
            throw Failures.invalid(after + " clusters are too many");
        } else if (growing) {
            throw StorageException.failure(Errno.EBUSY, "store " + state.name() + " is growing already");
        } else if (allocations.unmapClears()) {
            long from = (long) before * state.clusterSize;
            growing = true;
            state.medium.unmap(from, after * state.clusterSize - from, status -> {
                growing = false;
                grow((int) after, status == Status.OK, outcome);
            });
        } else {
            grow((int) after, false, outcome);
        }
    }

    private void grow(int clusters, boolean zeros, Outcome<Void> outcome) {
        if (clusters > state.clusters.total()) {
            state.grow(clusters, zeros);
        }
        changes.commit(null, outcome);
    }
}
