package dev.karst.bdev.lvol.store;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.env.sim.CrashState;
import dev.karst.env.sim.PowerCut;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.SparseBytes;
import dev.karst.env.sim.WriteRecorder;
import dev.karst.env.sim.disk.RecordedDisk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Plays workloads on a small store and cuts the power during the last operation of each: every state that is made is mounted and
 * held against the model before and after that operation. From some of them it goes on, with another operation and another power
 * cut.
 */
final class LvolWorld {
    /** Clusters for data at the start, and after a growth. */
    static final int DATA = 24;
    static final int GROWN = DATA + LvolOperation.GROWTH;
    private static final int METADATA = 32;
    private static final long SECRET = 666;

    /** A disk of which a part is there at first. */
    static class CutMedium extends DiskMedium {
        long length;

        CutMedium(RecordedDisk disk, boolean unmapReadsZeroes, long length) {
            super(disk, unmapReadsZeroes);
            this.length = length;
        }

        @Override
        public long bytes() {
            return length;
        }
    }

    /** Makes the medium under test; one with a planted bug, perhaps. */
    interface Mediums {
        CutMedium on(RecordedDisk disk, boolean unmapReadsZeroes, long length);
    }

    private final Mediums mediums;
    private final Parts parts;
    private final int statesPerCut;
    private final SparseBytes[] bases = new SparseBytes[2];
    private LvolModel base;
    private final Set<Long> seen = new HashSet<>();
    private long deeper;
    private long workloads;

    /** @param statesPerCut made for each instant at which power is cut */
    LvolWorld(Mediums mediums, Parts parts, int statesPerCut) throws StorageException {
        this.mediums = mediums;
        this.parts = parts;
        this.statesPerCut = statesPerCut;
        for (int unmaps = 0; unmaps < bases.length; unmaps++) {
            bases[unmaps] = makeBase(unmaps == 1);
        }
    }

    /** What the store holds at the start. */
    LvolModel base() {
        return base;
    }

    /** A disk with that store, with memory of its own. */
    CutMedium medium(boolean unmaps, SimRandom random) {
        var disk = new RecordedDisk(bases[unmaps ? 1 : 0].copy(), random);
        return mediums.on(disk, unmaps, (long) (METADATA + DATA) * TestStore.CLUSTER);
    }

    /** Different states that were mounted and held against the model. */
    long states() {
        return seen.size();
    }

    /** How many of them came of a cut after a cut. */
    long deeper() {
        return deeper;
    }

    long workloads() {
        return workloads;
    }

    /** A thin volume above a snapshot, a thick one, and free clusters full of what nobody may see. */
    private SparseBytes makeBase(boolean unmaps) throws StorageException {
        long length = (long) (METADATA + DATA) * TestStore.CLUSTER;
        var content = new SparseBytes(length + (long) LvolOperation.GROWTH * TestStore.CLUSTER);
        var medium = new CutMedium(new RecordedDisk(content, new SimRandom(1)), unmaps, length);
        var options = new StoreOptions(new UUID(1, 1), "store", TestStore.CLUSTER, 100, ClearMethod.UNMAP);
        var store = new TestStore(medium, medium.await(outcome -> LvolStore.format(medium, options, outcome)));
        base = new LvolModel(DATA);
        fill(store, "secret", 10, SECRET);
        base.volumes.remove("secret");
        store.delete("secret");
        store = store.again();
        fill(store, "k", 2, 11);
        fill(store, "t", 3, 12);
        LvolModel.Entry thin = base.volumes.get("t");
        LvolModel.Entry snapshot = thin.copy();
        snapshot.snapshot = true;
        base.volumes.put("s", snapshot);
        store.snapshot("t", "s");
        thin.parent = "s";
        thin.thin = true;
        thin.own(LvolModel.Own.NOTHING);
        thin.own[0] = LvolModel.Own.SOMETHING;
        store.write("t", 3, 4, 13);
        for (int sector = 3; sector < 7; sector++) {
            thin.write(sector, 13);
        }
        store.flush();
        base.flushed();
        long end = METADATA + DATA;
        for (long at = end * TestStore.CLUSTER; at < content.size(); at += Long.BYTES) {
            content.write(at, new byte[] {(byte) SECRET, 2, 0, 0, 0, 0, 0, 0}, 0, Long.BYTES);
        }
        return content.copy();
    }

    private void fill(TestStore store, String name, int clusters, long word) throws StorageException {
        store.create(name, clusters, false);
        var entry = new LvolModel.Entry(clusters, false);
        for (int index = 0; index < clusters; index++) {
            store.write(name, index * TestStore.SECTORS, TestStore.SECTORS, word);
        }
        Arrays.fill(entry.now, word);
        base.volumes.put(name, entry);
    }

    /** All workloads of up to so many operations; the variant says which volumes they are done to. */
    void all(int length, int variant) {
        List<LvolOperation> operations = new ArrayList<>();
        grow(operations, length, variant);
    }

    private void grow(List<LvolOperation> operations, int length, int variant) {
        for (LvolOperation operation : LvolOperation.values()) {
            operations.add(operation);
            if (cut(operations, variant) && operations.size() < length) {
                grow(operations, length, variant);
            }
            operations.removeLast();
        }
    }

    private static int choice(int variant, int position) {
        return variant == 0 ? position : Math.floorMod((variant * 31 + position) * 0x9E3779B9 >>> 8, 1000);
    }

    /** Plays one, and cuts the power during its last operation; false if there is nothing to do it to. */
    boolean cut(List<LvolOperation> operations, int variant) {
        int hash = operations.toString().hashCode() * 31 + variant;
        boolean unmaps = (hash & 1) == 1;
        var random = new SimRandom(hash);
        CutMedium medium = medium(unmaps, random);
        String what = operations + " variant " + variant;
        try {
            TestStore store = TestStore.mount(medium, parts);
            WriteRecorder recorder = medium.disk.record();
            LvolModel model = base;
            for (int position = 0; position < operations.size(); position++) {
                LvolOperation.Step step = operations.get(position).from(model, choice(variant, position));
                if (step == null) {
                    return false;
                }
                boolean last = position == operations.size() - 1;
                long from = recorder.now();
                step.doing().on(store);
                recorder.mark(position);
                if (last) {
                    workloads++;
                    var cut = new Cut(model, step.after(), recorder, position, operations.getLast().isDurable(), unmaps);
                    cut.check(from, random, statesPerCut, 1);
                }
                model = step.after();
            }
            return true;
        } catch (StorageException | AssertionError e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
    }

    /** What was recorded since an instant, and the mark that says that it was answered. */
    record Recorded(WriteRecorder recorder, long from, long mark) {}

    /** Cuts the power at each instant: there is what {@code after} says, or until the mark what {@code before} says. */
    void cut(LvolModel before, LvolModel after, CutMedium medium, Recorded recorded, SimRandom random) {
        new Cut(before, after, recorded.recorder, recorded.mark, true, medium.unmapReadsZeroes())
            .check(recorded.from, random, statesPerCut, 0);
    }

    /** The power cuts during one operation. */
    private final class Cut {
        private final LvolModel before;
        private final LvolModel after;
        private final WriteRecorder recorder;
        private final long mark;
        private final boolean durable;
        private final boolean unmaps;

        Cut(LvolModel before, LvolModel after, WriteRecorder recorder, long mark, boolean durable, boolean unmaps) {
            this.before = before;
            this.after = after;
            this.recorder = recorder;
            this.mark = mark;
            this.durable = durable;
            this.unmaps = unmaps;
        }

        void check(long from, SimRandom random, int states, int depth) {
            var cut = new PowerCut(recorder, random, states);
            for (long instant : recorder.instants()) {
                if (instant >= from) {
                    cut.checkAt(instant, state -> check(state, random, depth));
                }
            }
        }

        private void check(CrashState state, SimRandom random, int depth) throws StorageException {
            boolean acknowledged = recorder.markAt(state.instant()) >= mark;
            long key = state.hash() * 31 + after.structure().hashCode() * 2L + (acknowledged ? 1 : 0);
            if (!seen.add(key)) {
                return;
            }
            var disk = new RecordedDisk(state, random);
            CutMedium medium = mediums.on(disk, unmaps, disk.content().size());
            TestStore store = TestStore.mount(medium, parts);
            if (!store.store.damage().isEmpty()) {
                throw new AssertionError("damaged: " + store.store.damage());
            }
            String fault = after.fault(store);
            LvolModel found = after;
            if (fault != null && !acknowledged && durable) {
                fault = before.fault(store);
                found = before;
            }
            if (fault != null) {
                throw new AssertionError(fault + (acknowledged ? ", though it was acknowledged" : ""));
            }
            int used = store.store.volumes().stream().mapToInt(Volume::allocatedClusters).sum();
            if (used + store.store.freeClusters() != store.store.totalClusters()) {
                throw new AssertionError(used + " clusters are used, " + store.store.freeClusters() + " free");
            }
            if (depth > 0 && seen.size() % 16 == 0) {
                goOn(store, found, random, depth - 1);
            }
        }

        /** The next operation after the power cut, and the next cut. */
        private void goOn(TestStore store, LvolModel found, SimRandom random, int depth) throws StorageException {
            LvolModel model = found.copy();
            model.takeContents(store);
            LvolOperation operation = LvolOperation.values()[random.below(LvolOperation.values().length)];
            LvolOperation.Step step = operation.from(model, 90 + random.below(10));
            if (step == null) {
                return;
            }
            long before = seen.size();
            WriteRecorder again = store.medium.disk.record();
            step.doing().on(store);
            again.mark(0);
            new Cut(model, step.after(), again, 0, operation.isDurable(), unmaps).check(0, random, 8, depth);
            deeper += seen.size() - before;
        }
    }
}
