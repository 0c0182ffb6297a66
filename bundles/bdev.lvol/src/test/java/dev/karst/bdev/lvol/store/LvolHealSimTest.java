package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Bytes;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.SuperBlock;
import dev.karst.env.sim.PowerCut;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.WriteRecorder;
import dev.karst.env.sim.disk.RecordedDisk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fails each flush of workloads, and of what was written since the last one any part is lost: at once, or when the power is cut later,
 * which it is at each instant. Then the store heals; it is what it was with its last durable change, tells each volume of the loss, and
 * works on, under further power cuts. Or it is mounted again instead, from a medium that may read as what is not durable.
 */
class LvolHealSimTest {
    private static final int STATES_PER_CUT = Integer.getInteger("karst.lvol.heal.states", 10);
    private static final int SEEDS = Integer.getInteger("karst.lvol.heal.seeds", 2);

    private Planted planted;
    private Parts parts = new Parts();
    private long failures;
    private long healed;
    private boolean heals;

    /** What a store could do wrong when a flush fails, and afterwards. */
    private enum Planted {
        FLUSH_TAKEN_FOR_DONE, SUPERS_NOT_WRITTEN, SECOND_SUPER_LEFT_AS_IT_IS, SUPERS_NOT_FLUSHED, FREE_TAKEN_FOR_CLEAN, NOT_TOLD, MOUNT_BELIEVED;

        Parts parts() {
            return switch (this) {
                case NOT_TOLD -> new Parts() {
                    @Override
                    boolean isToldOfLoss(Volume volume) {
                        return false;
                    }
                };
                case FREE_TAKEN_FOR_CLEAN -> new Parts() {
                    private boolean mounted;

                    @Override
                    ClusterMap clusters(int first, int total, int mark) {
                        boolean again = mounted;
                        mounted = true;
                        return new ClusterMap(first, total, mark) {
                            @Override
                            void freeOthers() {
                                super.freeOthers();
                                for (int cluster = again ? takeDirty() : 0; cluster != 0; cluster = takeDirty()) {
                                    giveBack(cluster, true);
                                }
                            }
                        };
                    }
                };
                default -> new Parts();
            };
        }
    }

    /** Does wrong what is planted. */
    private final class Careless extends LvolWorld.CutMedium {
        private boolean wroteSuper;

        Careless(RecordedDisk disk, boolean unmapReadsZeroes, long length) {
            super(disk, unmapReadsZeroes, length);
        }

        private boolean does(Planted bug) {
            return heals && planted == bug;
        }

        @Override
        public void write(long offset, byte[] source, Done done) {
            boolean isSecond = offset == SuperBlock.SECOND * (long) Page.BYTES;
            boolean isSuper = offset == SuperBlock.FIRST * (long) Page.BYTES || isSecond;
            wroteSuper = isSuper;
            if (isSuper && does(Planted.SUPERS_NOT_WRITTEN) || isSecond && does(Planted.SECOND_SUPER_LEFT_AS_IT_IS)
                || isSuper && planted == Planted.MOUNT_BELIEVED && !heals && Arrays.equals(source, disk.content().read(offset, source.length))) {
                disk.read(0, new byte[1], done::done);
            } else {
                super.write(offset, source, done);
            }
        }

        @Override
        public void flush(Done done) {
            if (wroteSuper && does(Planted.SUPERS_NOT_FLUSHED)) {
                disk.read(0, new byte[1], done::done);
            } else {
                super.flush(planted == Planted.FLUSH_TAKEN_FOR_DONE ? _ -> done.done(0) : done);
            }
        }
    }

    @Test
    void shouldGoOnFromTheLastDurableChangeWhenAFlushHasFailed() throws Exception {
        LvolWorld world = world();
        for (int seed = 0; seed < SEEDS; seed++) {
            failAll(world, seed);
        }
        String report = failures + " flushes failed, " + healed + " stores healed; " + world.states() + " distinct states";
        System.getLogger(LvolHealSimTest.class.getName()).log(System.Logger.Level.INFO, report);
        assertTrue(failures > 300 && healed > failures / 2 && healed < failures && world.states() > 10_000, report);
    }

    /** Each is found in each run. */
    @ParameterizedTest
    @EnumSource
    void shouldFindTheBugWhenOneIsPlanted(Planted bug) throws Exception {
        planted = bug;
        LvolWorld world = world();
        var found = assertThrows(AssertionError.class, () -> failAll(world, 0), bug + " was not found");
        System.getLogger(LvolHealSimTest.class.getName()).log(
            System.Logger.Level.INFO, bug + " was found after " + failures + " failures: " + found.getMessage());
    }

    private LvolWorld world() throws StorageException {
        return new LvolWorld(LvolWorld.CutMedium::new, new Parts(), STATES_PER_CUT);
    }

    /** Workloads of two operations that lose something, and of three by chance. */
    private void failAll(LvolWorld world, int seed) {
        var random = new SimRandom(seed);
        for (LvolOperation first : LvolOperation.values()) {
            for (LvolOperation last : LvolOperation.values()) {
                List<LvolOperation> operations = new ArrayList<>(List.of(first, last));
                if (random.oneIn(2)) {
                    operations.add(1, LvolOperation.values()[random.below(LvolOperation.values().length)]);
                }
                int choice = seed == 0 ? 0 : random.below(1000);
                for (int flush = 0; fails(world, operations, choice, flush, random.split()); flush++) {
                    failures++;
                }
            }
        }
    }

    /** Fails that flush of the last operation; false if there is none. */
    private boolean fails(LvolWorld world, List<LvolOperation> operations, int choice, int flush, SimRandom random) {
        String where = operations + ", flush " + flush + ": ";
        try {
            return play(world, operations, choice, flush, random);
        } catch (StorageException | AssertionError e) {
            throw new AssertionError(where + e.getMessage(), e);
        }
    }

    private boolean play(LvolWorld world, List<LvolOperation> operations, int choice, int flush, SimRandom random) throws StorageException {
        LvolWorld.CutMedium start = world.medium(random.oneIn(2), random);
        var medium = new Careless(start.disk, start.unmapReadsZeroes(), start.length);
        WriteRecorder recorder = medium.disk.record();
        heals = false;
        parts = planted == null ? new Parts() : planted.parts();
        TestStore store = TestStore.mount(medium, parts);
        LvolModel model = world.base();
        for (int i = 0; i < operations.size() - 1; i++) {
            LvolOperation.Step step = operations.get(i).from(model, choice + i);
            if (step != null) {
                step.doing().on(store);
                model = step.after();
            }
        }
        LvolOperation.Step last = operations.getLast().from(model, choice + operations.size());
        if (last == null) {
            return false;
        }
        int count = 1 + random.below(3);
        long flushes = medium.disk.flushes();
        long from = recorder.now();
        medium.disk.failFlushes(flush, count, random.oneIn(2));
        boolean done = perform(last, store);
        if (medium.disk.flushes() <= flushes + flush) {
            return false;
        }
        boolean taken = done || !operations.getLast().isDurable();
        LvolModel after = taken ? last.after().copy() : last.after();
        LvolModel durable = taken ? after : model.copy();
        assertTrue(store.store.failure() != null || planted == Planted.FLUSH_TAKEN_FOR_DONE);
        writeInPlace(store, random, durable, after);
        LvolModel whole;
        boolean inVain = random.oneIn(2) && !healsInVain(store, medium, random);
        if (random.oneIn(inVain ? 2 : 4) && store.store.failure() != null) {
            medium.disk.failFlushes(0, 0, false);
            store = TestStore.mount(medium);
            long mounted = recorder.now();
            whole = settle(durable.fault(store) == null ? durable : after, store, random, durable, after);
            checkCuts(medium, recorder, mounted, random, durable, after, whole);
        } else {
            heal(store, inVain ? 0 : count);
            recorder.mark(1);
            hold(durable, store);
            world.cut(after, durable, medium, new LvolWorld.Recorded(recorder, from, 1), random);
            tell(store);
            whole = durable;
            healed++;
        }
        goOn(world, writeAgain(whole, store), store, recorder, random);
        return true;
    }

    /** Heals while one of the flushes fails that probe the medium or make the super blocks sure; true if that was none of them. */
    private boolean healsInVain(TestStore store, LvolWorld.CutMedium medium, SimRandom random) throws StorageException {
        medium.disk.failFlushes(1 + random.below(3), 1, random.oneIn(2));
        heals = true;
        try {
            store.medium.change(store.store::heal);
            return true;
        } catch (StorageException e) {
            return false;
        } finally {
            heals = false;
            medium.disk.failFlushes(0, 0, false);
        }
    }

    /**
     * A store that was mounted gets clusters for what is written, and makes its first change, after which one of two that may have been there
     * is the one.
     */
    private static LvolModel settle(LvolModel found, TestStore store, SimRandom random, LvolModel... others) throws StorageException {
        assertNull(found.fault(store), "after a mount: ");
        assertTrue(store.store.damage().isEmpty());
        if (random.oneIn(2)) {
            writeAnew(store, found);
        } else {
            // Else what is written to clusters that a volume inherited may be seen in the snapshot that had them.
            store.flush();
            writeInPlace(store, random, others);
        }
        LvolModel settled = found.copy();
        store.create("settled", 1, true);
        settled.volumes.put("settled", new LvolModel.Entry(1, true));
        return settled;
    }

    /** The power is cut at each instant from then on: there is one of these. */
    private void checkCuts(LvolWorld.CutMedium medium, WriteRecorder recorder, long from, SimRandom random, LvolModel... models) {
        var cut = new PowerCut(recorder, random, STATES_PER_CUT);
        for (long instant : recorder.instants()) {
            if (instant >= from) {
                cut.checkAt(instant, state -> {
                    var disk = new RecordedDisk(state, random);
                    TestStore store = TestStore.mount(new LvolWorld.CutMedium(disk, medium.unmapReadsZeroes(), disk.content().size()));
                    assertEquals(List.of(), store.store.damage());
                    assertTrue(Arrays.stream(models).anyMatch(model -> model.fault(store) == null), () -> models[0].fault(store));
                });
            }
        }
    }

    private static boolean perform(LvolOperation.Step step, TestStore store) throws StorageException {
        try {
            step.doing().on(store);
            return true;
        } catch (StorageException e) {
            assertEquals(-Errno.EIO, e.code());
            return false;
        }
    }

    /** A host writes where it has clusters, while the store takes no changes. */
    private static void writeInPlace(TestStore store, SimRandom random, LvolModel... models) throws StorageException {
        for (String name : List.of("k", "t")) {
            Volume volume = store.store.find(name).orElse(null);
            boolean known = Arrays.stream(models).allMatch(model -> model.volumes.containsKey(name) && !model.volumes.get(name).snapshot);
            int index = volume == null ? 0 : random.below(volume.clusters());
            if (volume != null && known && volume.own(index) > 0 && volume.clones().isEmpty()
                && Arrays.stream(models).allMatch(model -> index < model.volumes.get(name).clusters)) {
                long word = 2_000_000 + random.below(1000);
                int sector = random.below(TestStore.SECTORS);
                int seen = index * TestStore.SECTORS + sector;
                byte[] bytes = new byte[TestStore.SECTOR];
                for (int at = 0; at < bytes.length; at += Long.BYTES) {
                    Bytes.setLong(bytes, at, word);
                }
                long offset = volume.own(index) * (long) TestStore.CLUSTER + sector * TestStore.SECTOR;
                store.medium.awaitDone(done -> store.medium.write(offset, bytes, done));
                for (LvolModel model : models) {
                    model.volumes.get(name).write(seen, word);
                }
            }
        }
    }

    /** A host writes where volumes have no clusters, before anything else is done to the store. */
    private static void writeAnew(TestStore store, LvolModel model) throws StorageException {
        for (Volume volume : store.store.volumes()) {
            for (int index = 0; index < volume.clusters() && !volume.isSnapshot() && store.store.freeClusters() > 1; index++) {
                if (volume.own(index) <= 0) {
                    int sector = index * TestStore.SECTORS;
                    store.write(volume.name(), sector, 1, 3_000_000);
                    model.volumes.get(volume.name()).write(sector, 3_000_000);
                }
            }
        }
    }

    /** Until it can; everything fails until then. */
    private void heal(TestStore store, int tries) throws StorageException {
        if (store.store.failure() != null) {
            assertThrows(StorageException.class, store::flush);
            assertThrows(StorageException.class, () -> store.create("refused", 1, true));
        }
        heals = true;
        for (int i = 0; i == 0 || store.store.failure() != null; i++) {
            try {
                store.medium.change(store.store::heal);
            } catch (StorageException e) {
                assertTrue(i < tries, e.getMessage());
                assertNotNull(store.store.failure());
            }
        }
        heals = false;
    }

    private static void hold(LvolModel model, TestStore store) {
        assertNull(model.fault(store), "after it has healed: ");
        assertTrue(store.store.damage().isEmpty());
        int used = store.store.volumes().stream().mapToInt(Volume::allocatedClusters).sum();
        assertEquals(store.store.totalClusters(), used + store.store.freeClusters(), "clusters leak");
    }

    /** Each volume that can be written answers one FLUSH with an error, and no more. */
    private static void tell(TestStore store) throws StorageException {
        for (Volume volume : store.store.volumes()) {
            if (!volume.readOnly()) {
                assertThrows(StorageException.class, () -> store.medium.awaitDone(done -> store.store.flush(volume, done)),
                    volume + " was not told");
            }
            store.medium.awaitDone(done -> store.store.flush(volume, done));
        }
    }

    /** What may be lost is written again, as hosts do that were told. */
    private static LvolModel writeAgain(LvolModel durable, TestStore store) throws StorageException {
        LvolModel whole = durable.copy();
        for (Map.Entry<String, LvolModel.Entry> each : whole.volumes.entrySet()) {
            for (int sector = 0; sector < each.getValue().now.length; sector++) {
                if (each.getValue().older[sector] != null) {
                    store.write(each.getKey(), sector, 1, each.getValue().now[sector]);
                }
            }
        }
        store.flush();
        whole.flushed();
        assertNull(whole.fault(store), "after it was written again: ");
        whole.takeContents(store);
        return whole;
    }

    /** Another operation, and the power is cut. */
    private static void goOn(LvolWorld world, LvolModel model, TestStore store, WriteRecorder recorder, SimRandom random)
        throws StorageException {
        LvolOperation operation = LvolOperation.values()[random.below(LvolOperation.values().length)];
        LvolOperation.Step step = operation.from(model, 90 + random.below(10));
        if (step != null) {
            long from = recorder.now();
            step.doing().on(store);
            store.flush();
            recorder.mark(2);
            LvolModel after = step.after().copy();
            LvolModel exact = after.copy();
            exact.flushed();
            assertNull(exact.fault(store), operation + " after it has healed: ");
            world.cut(operation.isDurable() ? model : after, operation.isDurable() ? after : exact, (LvolWorld.CutMedium) store.medium,
                new LvolWorld.Recorded(recorder, from, 2), random);
        }
    }
}
