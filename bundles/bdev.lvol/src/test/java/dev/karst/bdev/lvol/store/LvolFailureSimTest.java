package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.disk.RecordedDisk;
import org.junit.jupiter.api.Test;

/**
 * Fails the first, second, ... I/O of each operation, until there is none left to fail: it was done or not, and nothing is lost.
 */
class LvolFailureSimTest {
    private static final int CHOICES = 6;

    private long failures;

    @Test
    void shouldBeAsBeforeOrAfterWhenAnyIoOfAnOperationFails() throws Exception {
        var world = new LvolWorld(LvolWorld.CutMedium::new, new Parts(), 1);
        for (LvolOperation operation : LvolOperation.values()) {
            for (int choice = 0; choice < CHOICES; choice++) {
                LvolOperation.Step step = operation.from(world.base(), choice);
                for (int after = 0; step != null && fails(world, operation, step, choice % 2 == 1, after); after++) {
                    failures++;
                }
            }
        }
        assertTrue(failures > 400, failures + " failures are too few to tell");
    }

    /** Fails the I/O that comes after so many; false if there are not so many. */
    private boolean fails(LvolWorld world, LvolOperation operation, LvolOperation.Step step, boolean unmaps, int after)
        throws StorageException {
        LvolWorld.CutMedium medium = world.medium(unmaps, new SimRandom(after));
        TestStore store = TestStore.mount(medium);
        long before = medium.disk.submitted();
        medium.disk.fail(after);
        boolean done = true;
        try {
            step.doing().on(store);
        } catch (StorageException e) {
            assertEquals(-Errno.EIO, e.code());
            done = false;
        }
        boolean failed = medium.disk.submitted() > before + after;
        medium.disk.fail(-1);
        String where = operation + ", I/O " + after + ": ";
        LvolModel expected = hold(world, step, store, done && operation.isDurable(), where + "in memory: ");
        if (store.store.failure() == null) {
            store.create("later", 1, false);
            store.delete("later");
        }
        TestStore again = store.again();
        assertTrue(again.store.damage().isEmpty(), () -> where + again.store.damage());
        if (store.store.failure() == null) {
            assertNull(expected.fault(again), where + "after a mount: ");
            assertEquals(store.store.freeClusters(), again.store.freeClusters(), where + "a cluster leaks");
        } else {
            hold(world, step, again, done && operation.isDurable(), where + "after a mount: ");
        }
        return failed;
    }

    /** Which of the two it is. */
    private static LvolModel hold(LvolWorld world, LvolOperation.Step step, TestStore store, boolean done, String where) {
        String fault = step.after().fault(store);
        if (fault == null) {
            return step.after();
        }
        String other = done ? "it was answered" : world.base().fault(store);
        assertNull(other, where + fault + "; " + other);
        return world.base();
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
