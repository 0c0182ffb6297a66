package dev.karst.bdev.lvol.store;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Bytes;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.SparseBytes;
import dev.karst.env.sim.disk.RecordedDisk;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * A small store on a simulated disk, each call waiting for its answer. Sectors are written and read by one word that fills each.
 */
final class TestStore {
    static final int CLUSTER = 8192;
    static final int SECTOR = 512;
    static final int SECTORS = CLUSTER / SECTOR;
    /** What lies outside of the store, and can be cloned. */
    static final String OUTSIDE = "outside";

    final DiskMedium medium;
    final LvolStore store;

    TestStore(DiskMedium medium, LvolStore store) {
        this.medium = medium;
        this.store = store;
        store.externals(name -> name.equals(OUTSIDE) ? this::copyOutside : null);
    }

    /** The word that a sector of {@link #OUTSIDE} is full of. */
    static long wordOutside(int sector) {
        return 500_000 + sector;
    }

    private void copyOutside(long offset, long target, long length, Done done) {
        byte[] bytes = new byte[(int) length];
        for (int at = 0; at < bytes.length; at += Long.BYTES) {
            Bytes.setLong(bytes, at, wordOutside((int) ((offset + at) / SECTOR)));
        }
        medium.write(target, bytes, done);
    }

    /** A new store on a disk of so many clusters; half of them, and 32 at least, hold metadata. */
    static TestStore format(int clusters, boolean unmapReadsZeroes, ClearMethod clear) throws StorageException {
        var medium = new DiskMedium(
            new RecordedDisk(new SparseBytes((long) clusters * CLUSTER), new SimRandom(1)), unmapReadsZeroes);
        var options = new StoreOptions(new UUID(1, 1), "store", CLUSTER, 100, clear);
        return new TestStore(medium, medium.await(outcome -> LvolStore.format(medium, options, outcome)));
    }

    static TestStore mount(DiskMedium medium) throws StorageException {
        return mount(medium, new Parts());
    }

    static TestStore mount(DiskMedium medium, Parts parts) throws StorageException {
        return new TestStore(medium, medium.await(outcome -> LvolStore.mount(medium, parts, outcome)));
    }

    TestStore again() throws StorageException {
        return mount(medium);
    }

    Volume volume(String name) {
        return store.find(name).orElseThrow(() -> new AssertionError("there is no volume " + name));
    }

    VolumeOptions options(String name, boolean thin) {
        return new VolumeOptions(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)), name, thin);
    }

    Volume create(String name, int clusters, boolean thin) throws StorageException {
        return medium.make(outcome -> store.create(options(name, thin), clusters, outcome));
    }

    Volume snapshot(String of, String name) throws StorageException {
        return medium.make(outcome -> store.snapshot(volume(of), options(name, true), outcome));
    }

    Volume cloneOf(String snapshot, String name) throws StorageException {
        return medium.make(outcome -> store.clone(volume(snapshot), options(name, true), outcome));
    }

    void delete(String name) throws StorageException {
        medium.change(outcome -> store.delete(volume(name), outcome));
    }

    void resize(String name, int clusters) throws StorageException {
        medium.change(outcome -> store.resize(volume(name), clusters, outcome));
    }

    void flush() throws StorageException {
        medium.awaitDone(store::flush);
    }

    /** Fills sectors of one cluster with a word. */
    void write(String name, int sector, int count, long word) throws StorageException {
        Volume volume = volume(name);
        int index = sector / SECTORS;
        medium.awaitDone(done -> store.allocate(volume, index, done));
        byte[] bytes = new byte[count * SECTOR];
        for (int i = 0; i < bytes.length; i += 8) {
            Bytes.setLong(bytes, i, word);
        }
        medium.awaitDone(done -> medium.write(volume.own(index) * (long) CLUSTER + sector % SECTORS * SECTOR, bytes, done));
    }

    /** The word of a sector; fails if it holds several. */
    long read(String name, int sector) {
        return read(volume(name), sector);
    }

    long read(Volume volume, int sector) {
        int cluster = volume.find(sector / SECTORS);
        if (cluster == Layer.EXTERNAL) {
            return wordOutside(sector);
        } else if (cluster <= 0) {
            return 0;
        }
        long offset = cluster * (long) CLUSTER + sector % SECTORS * SECTOR;
        long word = medium.disk.content().word(offset);
        if (medium.disk.content().word(offset + SECTOR - 8) != word) {
            throw new AssertionError("sector " + sector + " of " + volume + " is torn");
        }
        return word;
    }
}
