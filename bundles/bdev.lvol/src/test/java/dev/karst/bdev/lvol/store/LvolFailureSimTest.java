package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.SparseBytes;
import dev.karst.env.sim.disk.RecordedDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fails the first, second, ... I/O of each operation, until there is none left to fail: it was done or not, and nothing is lost. First on one
 * store, then on stores that have a history of chance, until there were enough failures.
 */
class LvolFailureSimTest {
    private static final int CHOICES = 6;
    private static final long FAILURES = Long.getLong("karst.lvol.failures", 400);
    private static final int MOST_HISTORY = 8;

    private long failures;
    private long histories;
    private long stopped;
    /** Whether an I/O that failed fails when it is tried again. */
    private boolean lasts;
    private Planted planted;
    private Parts parts = new Parts();

    /** A store with what it holds, of which each failure gets a copy. */
    private record Start(SparseBytes content, long length, boolean unmaps, LvolModel model) {}

    /** What a store could do wrong when an I/O fails. */
    private enum Planted {
        CLUSTER_NOT_GIVEN_BACK, FAILED_WRITE_TAKEN_FOR_DONE, FAILED_CLEARING_TAKEN_FOR_DONE, FAILED_COPY_TAKEN_FOR_DONE;

        Parts parts() {
            return this != CLUSTER_NOT_GIVEN_BACK ? new Parts() : new Parts() {
                @Override
                ClusterMap clusters(int first, int total, int mark) {
                    return new ClusterMap(first, total, mark) {
                        @Override
                        void giveBack(int cluster, boolean isClean) {
                            // It is lost.
                        }
                    };
                }
            };
        }
    }

    /** Takes for done what failed. */
    private final class Careless extends LvolWorld.CutMedium {
        private final Planted bug;

        Careless(RecordedDisk disk, boolean unmapReadsZeroes, long length, Planted bug) {
            super(disk, unmapReadsZeroes, length);
            this.bug = bug;
        }

        /** When the failure lasts, the next try fails too. */
        @Override
        public void later(long millis, Runnable task) {
            super.later(millis, () -> {
                if (lasts) {
                    disk.fail(0);
                }
                task.run();
            });
        }

        private Done told(Planted when, Done done) {
            return bug == when ? _ -> done.done(Status.OK) : done;
        }

        @Override
        public void write(long offset, byte[] source, Done done) {
            super.write(offset, source, told(Planted.FAILED_WRITE_TAKEN_FOR_DONE, done));
        }

        @Override
        public void zero(long offset, long length, Done done) {
            super.zero(offset, length, told(Planted.FAILED_CLEARING_TAKEN_FOR_DONE, done));
        }

        @Override
        public void copy(long source, long target, long length, Done done) {
            super.copy(source, target, length, told(Planted.FAILED_COPY_TAKEN_FOR_DONE, done));
        }
    }

    private LvolWorld.CutMedium medium(Start start, int seed) {
        return new Careless(new RecordedDisk(start.content.copy(), new SimRandom(seed)), start.unmaps, start.length, planted);
    }

    private static Start start(LvolWorld world, boolean unmaps) {
        LvolWorld.CutMedium medium = world.medium(unmaps, new SimRandom(1));
        return new Start(medium.disk.content(), medium.length, unmaps, world.base());
    }

    /** What a store is after some operations that do not fail. */
    private Start after(Start start, SimRandom random) throws StorageException {
        LvolWorld.CutMedium medium = medium(start, random.below(1000));
        TestStore store = TestStore.mount(medium);
        LvolModel model = start.model.copy();
        for (int i = 1 + random.below(MOST_HISTORY); i > 0; i--) {
            LvolOperation.Step step = LvolOperation.values()[random.below(LvolOperation.values().length)]
                .from(model, 100 + random.below(100_000));
            if (step != null && perform(step, store)) {
                model = step.after();
            }
            store.flush();
            model.takeContents(store);
        }
        return new Start(medium.disk.content(), medium.length, start.unmaps, model);
    }

    private static boolean perform(LvolOperation.Step step, TestStore store) throws StorageException {
        try {
            step.doing().on(store);
            return true;
        } catch (StorageException e) {
            if (e.code() != -Errno.ENOSPC) {
                throw e;
            }
            return false;
        }
    }

    @Test
    void shouldBeAsBeforeOrAfterWhenAnyIoOfAnOperationFails() throws Exception {
        failUntil(FAILURES);
        String report = failures + " failures, on stores with " + histories + " histories; " + stopped + " ended all changes";
        System.getLogger(LvolFailureSimTest.class.getName()).log(System.Logger.Level.INFO, report);
        assertTrue(failures >= FAILURES && stopped > failures / 10 && stopped < failures, report);
    }

    /** Each is found in each run. */
    @ParameterizedTest
    @EnumSource
    void shouldFindTheBugWhenOneIsPlanted(Planted bug) {
        planted = bug;
        parts = bug.parts();
        assertThrows(AssertionError.class, () -> failUntil(2_000), bug + " was not found");
    }

    private void failUntil(long enough) throws StorageException {
        var world = new LvolWorld(LvolWorld.CutMedium::new, new Parts(), 1);
        for (int choice = 0; choice < CHOICES; choice++) {
            failAll(start(world, choice % 2 == 1), choice, "");
        }
        for (int seed = 0; failures < enough; seed++) {
            var random = new SimRandom(seed);
            failAll(after(start(world, random.oneIn(2)), random), random.below(100_000), "history " + seed + ", ");
            histories++;
        }
    }

    private void failAll(Start start, int choice, String where) throws StorageException {
        lasts = choice / 2 % 2 == 1;
        for (LvolOperation operation : LvolOperation.values()) {
            LvolOperation.Step step = operation.from(start.model, choice);
            for (int after = 0; step != null && fails(start, operation, step, after, where + operation + ", I/O " + after + ": "); after++) {
                failures++;
            }
        }
    }

    /** Fails the I/O that comes after so many; false if there are not so many. */
    private boolean fails(Start start, LvolOperation operation, LvolOperation.Step step, int after, String where)
        throws StorageException {
        LvolWorld.CutMedium medium = medium(start, after);
        TestStore store = TestStore.mount(medium, parts);
        long before = medium.disk.submitted();
        medium.disk.fail(after);
        int code = 0;
        try {
            step.doing().on(store);
        } catch (StorageException e) {
            code = e.code();
        }
        boolean failed = medium.disk.submitted() > before + after;
        medium.disk.fail(-1);
        assertTrue(code == 0 || code == -Errno.EIO || code == -Errno.ENOSPC, where + code);
        boolean done = code == 0 && operation.isDurable();
        LvolModel expected = hold(start.model, step, store, done, where + "in memory: ");
        if (store.store.failure() == null) {
            later(store);
        } else {
            stopped++;
        }
        TestStore again = store.again();
        assertTrue(again.store.damage().isEmpty(), () -> where + again.store.damage());
        if (store.store.failure() == null) {
            assertNull(expected.fault(again), where + "after a mount: ");
            assertEquals(store.store.freeClusters(), again.store.freeClusters(), where + "a cluster leaks");
        } else {
            hold(start.model, step, again, done, where + "after a mount: ");
        }
        return failed;
    }

    /** The store takes changes; one that is full has no room for a volume. */
    private static void later(TestStore store) throws StorageException {
        store.create("later", 1, true);
        store.delete("later");
    }

    /** Which of the two it is. */
    private static LvolModel hold(LvolModel before, LvolOperation.Step step, TestStore store, boolean done, String where) {
        String fault = step.after().fault(store);
        if (fault == null) {
            return step.after();
        }
        String other = done ? "it was answered" : before.fault(store);
        assertNull(other, where + fault + "; " + other);
        return before;
    }

    @Test
    void shouldSaySoWhenAnyIoOfAMountFails() throws Exception {
        var world = new LvolWorld(LvolWorld.CutMedium::new, new Parts(), 1);
        for (int after = 0; after < 20; after++) {
            LvolWorld.CutMedium medium = world.medium(true, new SimRandom(1));
            medium.disk.fail(after);
            TestStore store = TestStore.mount(medium);
            boolean all = store.store.damage().isEmpty();
            boolean failed = medium.disk.submitted() > after;
            assertTrue(all == (after < 2 || !failed), after + ": " + store.store.damage());
            if (all) {
                assertNull(world.base().fault(store));
            }
        }
        RecordedDisk disk = world.medium(true, new SimRandom(1)).disk;
        assertTrue(assertFails(new LvolWorld.CutMedium(disk, true, 0)).getMessage().contains("needs"));
    }

    private static StorageException assertFails(DiskMedium medium) {
        try {
            TestStore.mount(medium);
        } catch (StorageException e) {
            return e;
        }
        throw new AssertionError("a store on a disk without bytes");
    }
}
