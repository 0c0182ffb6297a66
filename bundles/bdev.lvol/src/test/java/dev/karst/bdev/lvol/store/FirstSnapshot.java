package dev.karst.bdev.lvol.store;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.ClearMethod;

/** What a process does when somebody takes its first snapshot, for tests of what that needs. */
public final class FirstSnapshot {
    private static final int DISK = 200;

    private FirstSnapshot() {}

    static void run() throws StorageException {
        TestStore store = TestStore.format(DISK, true, ClearMethod.UNMAP);
        store.create("volume", 4, true);
        store.write("volume", 0, 1, 1);
        store.flush();
        store.snapshot("volume", "snapshot");
        store.write("volume", 0, 1, 2);
        store.delete("snapshot");
    }
}
