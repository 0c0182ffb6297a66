package dev.karst.bdev.lvol.store;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.bdev.lvol.disk.PageMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Gives out clusters that hold zeros, or what was seen there until now, and room for the pages that a change needs. */
final class Allocations {
    /** A change, its commit and a change that made room meanwhile: then it is full. */
    private static final int MOST_TRIES = 4;

    private final StoreState state;
    private final ClusterMap clusters;
    private final Medium medium;
    private final boolean unmapClears;
    private final Map<Long, List<Done>> firstWrites = new HashMap<>();
    private Function<String, ExternalSource> externals = _ -> null;
    private Commits commits;
    /** Runs of free clusters that are being cleared. */
    private int background;
    private List<Runnable> whenCleared = new ArrayList<>();
    private final List<Runnable> whenQuiet = new ArrayList<>();

    Allocations(StoreState state) {
        this.state = state;
        clusters = state.clusters;
        medium = state.medium;
        unmapClears = state.durable().clearMethod() == ClearMethod.UNMAP && medium.unmapReadsZeroes();
    }

    void commits(Commits commits) {
        this.commits = commits;
    }

    /** Whether what is given back to the medium reads as zeros. */
    boolean unmapClears() {
        return unmapClears;
    }

    void externals(Function<String, ExternalSource> found) {
        externals = found;
    }

    Function<String, ExternalSource> externals() {
        return externals;
    }

    /**
     * Calls back when so many pages can be made dirty, which the caller does at once. Fails with ENOSPC.
     *
     * @param makesRoom whether the last pages may be used, as the change frees some
     */
    void needPages(int count, boolean makesRoom, Outcome<Void> outcome) {
        needPages(count + (makesRoom ? 0 : PageMap.RESERVE), 0, outcome);
    }

    private void needPages(int count, int tries, Outcome<Void> outcome) {
        if (state.failure() != null) {
            outcome.failed(state.failure());
        } else if (state.pages.room() >= count) {
            outcome.succeeded(null);
        } else if (tries == MOST_TRIES || !state.pages.canGain()) {
            outcome.failed(Failures.noPages());
        } else {
            commits.request(_ -> needPages(count, tries + 1, outcome));
        }
    }

    /**
     * So many clusters that hold zeros, to be used or {@linkplain #giveBack given back}. Waits for those that are being cleared
     * when there are no others. Fails with ENOSPC or EIO.
     */
    void acquire(int count, Outcome<int[]> outcome) {
        if (state.failure() != null) {
            outcome.failed(state.failure());
        } else if (count > clusters.free()) {
            outcome.failed(Failures.noClusters(count, clusters.free()));
        } else if (count > 0 && state.sure() == StoreState.Sure.NEITHER) {
            // They may be owned yet by what is there after a power cut.
            commits.confirm(status -> confirmed(status, count, outcome));
        } else {
            new Acquisition(count, outcome).go();
        }
    }

    private void confirmed(int status, int count, Outcome<int[]> outcome) {
        if (status == Status.OK) {
            acquire(count, outcome);
        } else {
            outcome.failed(Failures.io("making sure of what was read", status));
        }
    }

    void giveBack(int[] taken) {
        for (int cluster : taken) {
            clusters.giveBack(cluster, true);
        }
    }

    /** Clusters on their way to somebody. */
    private final class Acquisition {
        private final int[] taken;
        private final Outcome<int[]> outcome;
        private int count;
        private int tries;
        private int clearing;
        private int failed = Status.OK;

        Acquisition(int count, Outcome<int[]> outcome) {
            taken = new int[count];
            this.outcome = outcome;
        }

        void go() {
            int before = count;
            for (int cluster = -1; count < taken.length && cluster != 0;) {
                cluster = clusters.takeClean();
                count += add(cluster);
            }
            if (count == taken.length) {
                outcome.succeeded(taken);
                raiseAhead();
                return;
            }
            tries = count > before ? 0 : tries;
            boolean raises = !unmapClears && clusters.raiseMark();
            int[] dirty = raises ? new int[0] : takeDirty();
            if (dirty.length > 0) {
                clear(dirty);
            } else if ((clusters.raiseMark() || clusters.canGain()) && tries++ < MOST_TRIES) {
                commits.request(status -> {
                    failed = status;
                    cleared();
                });
            } else if (background > 0) {
                whenCleared.add(this::go);
            } else {
                fail();
            }
        }

        /** So that the next ones need not wait for a commit. */
        private void raiseAhead() {
            if (clusters.isShort() && clusters.raiseMark()) {
                commits.request(_ -> { });
            }
        }

        /** As many as are missing, or as there are; ascending. */
        private int[] takeDirty() {
            int[] dirty = new int[taken.length - count];
            int found = 0;
            for (int cluster = -1; found < dirty.length && cluster != 0;) {
                cluster = clusters.takeDirty();
                dirty[found] = cluster;
                found += cluster == 0 ? 0 : 1;
            }
            return Arrays.copyOf(dirty, found);
        }

        private int add(int cluster) {
            if (cluster == 0) {
                return 0;
            }
            taken[count] = cluster;
            return 1;
        }

        private void clear(int[] dirty) {
            clearing = 1;
            for (int i = 0; i < dirty.length;) {
                int first = dirty[i];
                int length = 1;
                while (++i < dirty.length && dirty[i] == first + length) {
                    length++;
                }
                int end = first + length;
                clearing++;
                Allocations.this.clear(first, end, status -> cleared(first, end, status));
            }
            clearing--;
        }

        private void cleared(int from, int end, int status) {
            failed = failed == Status.OK ? status : failed;
            for (int cluster = from; cluster < end; cluster++) {
                if (status == Status.OK) {
                    count += add(cluster);
                } else {
                    clusters.giveBack(cluster, false);
                }
            }
            if (--clearing == 0) {
                cleared();
            }
        }

        private void cleared() {
            if (failed == Status.OK) {
                go();
            } else {
                fail();
            }
        }

        private void fail() {
            for (int i = 0; i < count; i++) {
                clusters.giveBack(taken[i], true);
            }
            outcome.failed(failed == Status.OK
                ? Failures.noClusters(taken.length, clusters.free()) : Failures.io("clearing clusters", failed));
        }
    }

    private void clear(int from, int end, Done done) {
        long offset = (long) from * state.clusterSize;
        long length = (long) (end - from) * state.clusterSize;
        if (unmapClears) {
            medium.unmap(offset, length, done);
        } else {
            medium.zero(offset, length, done);
        }
    }

    /** These became free: where that clears them, they go back to the medium. */
    void giveBackToMedium(BitSet freed) {
        int[] run = unmapClears ? clusters.takeRun(freed) : null;
        for (; run != null; run = clusters.takeRun(freed)) {
            int from = run[0];
            int end = run[1];
            background++;
            clear(from, end, status -> {
                clusters.cleared(from, end, status == Status.OK);
                background--;
                List<Runnable> told = whenCleared;
                whenCleared = new ArrayList<>();
                told.forEach(Runnable::run);
                quiet();
            });
        }
    }

    /** Runs when no clearing and no first write is under way. */
    void whenQuiet(Runnable then) {
        whenQuiet.add(then);
        quiet();
    }

    private void quiet() {
        if (background == 0 && firstWrites.isEmpty()) {
            List<Runnable> told = List.copyOf(whenQuiet);
            whenQuiet.clear();
            told.forEach(Runnable::run);
        }
    }

    /** Gives the volume a cluster of its own there, with what was seen there until now. */
    void own(Volume volume, int index, Done done) {
        if (volume.damage() != null || index >= volume.clusters()) {
            done.done(Status.errno(Errno.EIO));
        } else if (volume.own(index) > 0) {
            done.done(Status.OK);
        } else {
            long key = (long) volume.slot << 32 | index;
            List<Done> others = firstWrites.get(key);
            if (others != null) {
                others.add(done);
                return;
            }
            firstWrites.put(key, new ArrayList<>(List.of(done)));
            acquire(1, (taken, failure) -> {
                if (failure != null) {
                    owned(key, Failures.status(failure));
                } else {
                    fill(volume, index, taken, status -> owned(key, status));
                }
            });
        }
    }

    private void fill(Volume volume, int index, int[] taken, Done done) {
        long size = state.clusterSize;
        Done filled = status -> filled(volume, index, taken, status, done);
        int source = volume.find(index);
        if (source > 0) {
            medium.copy(source * size, taken[0] * size, size, filled);
        } else if (source == Layer.EXTERNAL) {
            ExternalSource external = externals.apply(volume.externalBelow());
            if (external == null) {
                filled.done(Status.errno(Errno.EIO));
            } else {
                external.copy(index * size, taken[0] * size, size, filled);
            }
        } else {
            filled.done(Status.OK);
        }
    }

    private void filled(Volume volume, int index, int[] taken, int status, Done done) {
        if (status != Status.OK) {
            clusters.giveBack(taken[0], false);
            done.done(status);
            return;
        }
        needPages(state.headerPages() + volume.extents().height() + 1, false, (_, failure) -> {
            if (failure != null) {
                clusters.giveBack(taken[0], false);
                done.done(Failures.status(failure));
            } else {
                state.set(volume, index, taken[0]);
                done.done(Status.OK);
            }
        });
    }

    private void owned(long key, int status) {
        List<Done> told = firstWrites.remove(key);
        told.forEach(done -> done.done(status));
        quiet();
    }
}
