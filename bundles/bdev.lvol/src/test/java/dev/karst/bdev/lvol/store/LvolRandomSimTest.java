package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.env.sim.SimRandom;
import org.junit.jupiter.api.Test;

/** Long histories of random operations on many volumes, with mounts in between, against the model. */
class LvolRandomSimTest {
    private static final int SEEDS = 60;
    private static final int OPERATIONS = 150;

    private int refused;
    private int mounts;

    @Test
    void shouldHoldWhatTheModelSaysWhenManyOperationsAreDone() throws Exception {
        var world = new LvolWorld(LvolWorld.CutMedium::new, new Parts(), 1);
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                play(world, new SimRandom(seed));
            } catch (StorageException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertTrue(refused > 100 && mounts > 100, refused + " refused, " + mounts + " mounts");
    }

    private void play(LvolWorld world, SimRandom random) throws StorageException {
        LvolWorld.CutMedium medium = world.medium(random.oneIn(2), random);
        TestStore store = TestStore.mount(medium);
        LvolModel model = world.base();
        for (int i = 0; i < OPERATIONS; i++) {
            LvolOperation operation = LvolOperation.values()[random.below(LvolOperation.values().length)];
            LvolOperation.Step step = operation.from(model, 100 + random.below(100_000));
            if (step == null) {
                continue;
            }
            boolean done = perform(step, store);
            model = done || operation == LvolOperation.WRITE ? step.after() : model;
            String fault = done ? exactly(model).fault(store) : model.fault(store);
            assertNull(fault, operation + ": " + fault);
            if (!done) {
                // A write may have come half of its way.
                model = model.copy();
                model.takeContents(store);
                store.flush();
            }
            int used = store.store.volumes().stream().mapToInt(Volume::allocatedClusters).sum();
            assertEquals(store.store.totalClusters(), used + store.store.freeClusters(), operation + ": clusters leak");
            if (random.oneIn(12)) {
                store = TestStore.mount(medium);
                mounts++;
                fault = model.fault(store);
                assertNull(fault, "after a mount: " + fault);
                model = model.copy();
                model.takeContents(store);
            }
        }
    }

    private boolean perform(LvolOperation.Step step, TestStore store) throws StorageException {
        try {
            step.doing().on(store);
            return true;
        } catch (StorageException e) {
            if (e.code() != -Errno.ENOSPC) {
                throw e;
            }
            refused++;
            return false;
        }
    }

    private static LvolModel exactly(LvolModel model) {
        LvolModel exact = model.copy();
        exact.flushed();
        return exact;
    }

    @Test
    void shouldReadOnlyWhatVolumesNeedWhenALargeDiskIsMounted() throws Exception {
        int clusters = 2_000_000;
        TestStore store = TestStore.format(clusters, true, ClearMethod.UNMAP);
        for (int i = 0; i < 50; i++) {
            store.create("v" + i, 100_000, true);
            store.write("v" + i, i * 1000 * TestStore.SECTORS, 1, i);
        }
        store.flush();
        long before = store.medium.disk.submitted();
        TestStore again = store.again();
        assertEquals(50, again.store.volumes().size());
        long reads = store.medium.disk.submitted() - before;
        // Two super blocks, the root of the directory, and of each volume a header, a root and a leaf.
        assertEquals(2 + 1 + 50 * 3, reads);
    }
}
