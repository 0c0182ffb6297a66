package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.ClearMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Commits on a disk that fails for a while, or for good. */
class LvolCommitTest {
    private TestStore store;

    @BeforeEach
    void make() throws StorageException {
        store = TestStore.format(64, true, ClearMethod.UNMAP);
    }

    private static int code(Executable refused) {
        return assertThrows(StorageException.class, refused).code();
    }

    /** A disk whose writes of metadata fail so often; then all is well again. */
    private TestStore failing(int times, boolean flushes) throws StorageException {
        var medium = new DiskMedium(store.medium.disk, true) {
            private int left = times;

            private Done told(Done done) {
                return left-- > 0 ? _ -> done.done(Status.errno(Errno.EIO)) : done;
            }

            @Override
            public void write(long offset, byte[] source, Done done) {
                super.write(offset, source, flushes ? done : told(done));
            }

            @Override
            public void flush(Done done) {
                super.flush(flushes ? told(done) : done);
            }
        };
        return TestStore.mount(medium);
    }

    @Test
    void shouldGoOnWhenWritesOfACommitFailForAWhile() throws StorageException {
        store.create("v", 2, false);
        for (int times = 1; times <= 3; times++) {
            TestStore failing = failing(times, false);
            failing.create("w" + times, 1, false);
            assertEquals(null, failing.store.failure());
            assertEquals(times + 1, failing.again().store.volumes().size());
        }
    }

    @Test
    void shouldCommitSeldomAndAheadOfNeedWhenAThinVolumeGrows() throws StorageException {
        TestStore large = TestStore.format(4096, true, ClearMethod.UNMAP);
        Volume volume = large.create("v", 2048, true);
        long before = large.store.generation();
        int waited = 0;
        for (int i = 0; i < volume.clusters(); i++) {
            var ended = new AtomicInteger(1);
            large.store.allocate(volume, i, ended::set);
            waited += ended.get() == Status.OK ? 0 : 1;
            large.medium.settle();
        }
        assertEquals(2048, volume.allocatedClusters());
        assertEquals(0, waited, "first writes that waited for a commit");
        assertTrue(large.store.generation() - before <= 12, large.store.generation() - before + " commits");
    }

    /** What an heir writes into the clusters that it got would be seen in the snapshot. */
    @Test
    void shouldKeepTheHeirPausedUntilTheDeletionOfItsSnapshotIsDurable() throws StorageException {
        store.create("v", 1, false);
        store.snapshot("v", "s");
        var resumed = new ArrayList<Long>();
        long before = store.store.generation();
        store.store.users(new Users() {
            @Override
            public void pause(Volume volume, Runnable paused) {
                paused.run();
            }

            @Override
            public void resume(Volume volume) {
                resumed.add(store.store.generation());
            }
        });
        store.delete("s");
        assertEquals(List.of(before + 1, before + 1), resumed);
    }

    /** The clone has the slot that the snapshot has again. */
    @Test
    void shouldForgetACloneThatWasMadeWhileADeletionFailed() throws StorageException {
        store.create("v", 1, true);
        store.snapshot("v", "p");
        store.snapshot("v", "s");
        store.medium.disk.record();
        store.medium.disk.failFlushes(0, 1, false);
        var failed = new ArrayList<StorageException>();
        store.store.delete(store.volume("s"), (_, failure) -> failed.add(failure));
        store.store.clone(store.volume("p"), store.options("w", true), (_, failure) -> failed.add(failure));
        store.medium.settle();
        assertEquals(2, failed.stream().filter(failure -> failure != null).count());
        store.medium.change(store.store::heal);
        assertEquals(List.of(store.volume("s")), store.volume("p").clones());
        assertEquals(3, store.store.volumes().size());
        store.delete("p");
    }

    /** Nor is anything lost meanwhile. */
    @Test
    void shouldPauseNoVolumeForAHealThatCannotWrite() throws StorageException {
        store.create("v", 1, false);
        TestStore failing = failing(1000, false);
        var paused = new ArrayList<Volume>();
        failing.store.users(new Users() {
            @Override
            public void pause(Volume volume, Runnable then) {
                paused.add(volume);
                then.run();
            }

            @Override
            public void resume(Volume volume) { }
        });
        assertEquals(-Errno.EIO, code(() -> failing.create("w", 1, false)));
        paused.clear();
        assertEquals(-Errno.EIO, code(() -> failing.medium.change(failing.store::heal)));
        assertEquals(List.of(), paused);
        assertEquals(1, store.again().store.volumes().size());
    }

    @Test
    void shouldTakeNoChangesWhenWritesOfACommitFailForLongOrAFlushFails() throws StorageException {
        store.create("v", 2, false);
        for (TestStore failing : List.of(failing(1000, false), failing(1, true))) {
            assertEquals(-Errno.EIO, code(() -> failing.create("w", 1, false)));
            assertEquals(-Errno.EIO, code(() -> failing.create("x", 1, false)));
            assertEquals(1, store.again().store.volumes().size());
        }
    }
}
