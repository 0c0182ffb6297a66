package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.SparseBytes;
import dev.karst.env.sim.disk.RecordedDisk;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How long a large store takes to be there again. */
class LvolMountTest {
    private static final long DISK = 10L << 40;
    private static final int CLUSTER = 4 << 20;
    private static final int VOLUMES = 1000;
    /** Of each volume, 10 GiB. */
    private static final int CLUSTERS = 2560;
    private static final int PIECES = Layer.pieces(CLUSTERS);
    private static final int TRIES = 3;
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** All that was ever used counts as dirty on such a disk, so that the mount has most to do. */
    private static TestStore store() throws Exception {
        var medium = new DiskMedium(new RecordedDisk(new SparseBytes(DISK), new SimRandom(1)), false);
        var options = new StoreOptions(new UUID(1, 1), "store", CLUSTER, 100, ClearMethod.NONE);
        var store = new TestStore(medium, medium.await(outcome -> LvolStore.format(medium, options, outcome)));
        for (int i = 0; i < VOLUMES; i++) {
            Volume volume = store.create("v" + i, CLUSTERS, true);
            for (int piece = 0; piece < PIECES; piece++) {
                int index = piece * Layer.PIECE + i % (CLUSTERS - (PIECES - 1) * Layer.PIECE);
                medium.awaitDone(done -> store.store.allocate(volume, index, done));
            }
        }
        store.flush();
        return store;
    }

    @Test
    void shouldBeThereWithinTwoSecondsWhenAThousandVolumesWereNotShutDown() throws Exception {
        TestStore store = store();
        // Changes that no commit has seen: nobody closes the store.
        store.medium.awaitDone(done -> store.store.allocate(store.volume("v0"), 1, done));
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            long before = System.nanoTime();
            TestStore again = store.again();
            best = Math.min(best, System.nanoTime() - before);
            assertEquals(VOLUMES, again.store.volumes().size());
            assertTrue(again.store.damage().isEmpty());
            assertEquals(VOLUMES * PIECES, again.store.totalClusters() - again.store.freeClusters());
        }
        assertTrue(best < MOST_NANOS, TimeUnit.NANOSECONDS.toMillis(best) + " ms is the best of " + TRIES + " mounts");
    }
}
