package dev.karst.bdev.lvol.store;

import dev.karst.base.StorageException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What may be done to a store, on the model and on the store itself. Which volume it is done to depends on a number of choice.
 */
enum LvolOperation {
    CREATE, DELETE, RESIZE, SNAPSHOT, CLONE, INFLATE, DECOUPLE, WRITE, UNMAP, FLUSH, RENAME, GROW;

    static final int GROWTH = 4;

    /** Something done to a store. */
    interface Doing {
        void on(TestStore store) throws StorageException;
    }

    /** What the store must hold afterwards, and how it is done. */
    record Step(LvolModel after, Doing doing) {}

    /** Whether it is durable when it is answered, with all that was written before. */
    boolean isDurable() {
        return this != WRITE && this != UNMAP;
    }

    /** The step from what the store holds; null when there is no volume to do it to. */
    Step from(LvolModel before, int choice) {
        LvolModel after = before.copy();
        String name = target(before, choice);
        if (name == null || this == GROW && before.clusters == LvolWorld.GROWN) {
            return null;
        }
        String fresh = "n" + Integer.toHexString(before.structure().hashCode()) + choice;
        LvolModel.Entry entry = after.volumes.get(name);
        Doing doing = switch (this) {
            case CREATE -> create(after, fresh, choice);
            case DELETE -> delete(after, name);
            case RESIZE -> resize(entry, name, choice);
            case SNAPSHOT -> snapshot(after, name, fresh);
            case CLONE -> copy(after, name, fresh);
            case INFLATE -> inflate(entry, name);
            case DECOUPLE -> decouple(after, entry, name);
            case WRITE -> write(entry, name, choice);
            case UNMAP -> unmap(entry, name);
            case FLUSH -> TestStore::flush;
            case RENAME -> rename(after, name, fresh);
            case GROW -> grow(after);
        };
        if (isDurable()) {
            after.flushed();
        }
        return new Step(after, doing);
    }

    private String target(LvolModel model, int choice) {
        Predicate<Map.Entry<String, LvolModel.Entry>> fits = each -> switch (this) {
            case DELETE -> model.clones(each.getKey()) < 2;
            case RESIZE, SNAPSHOT, WRITE, INFLATE -> !each.getValue().snapshot;
            case CLONE -> each.getValue().snapshot;
            case DECOUPLE -> !each.getValue().snapshot && each.getValue().parent != null;
            case UNMAP -> !each.getValue().snapshot && each.getValue().thin;
            case CREATE, FLUSH, RENAME, GROW -> true;
        };
        List<String> names = model.volumes.entrySet().stream().filter(fits).map(Map.Entry::getKey).toList();
        return names.isEmpty() ? null : names.get(choice % names.size());
    }

    private static Doing create(LvolModel after, String name, int choice) {
        boolean thin = choice % 2 == 1;
        after.volumes.put(name, new LvolModel.Entry(2, thin));
        return store -> store.create(name, 2, thin);
    }

    private static Doing delete(LvolModel after, String name) {
        String parent = after.volumes.get(name).parent;
        after.volumes.values().stream().filter(each -> name.equals(each.parent)).forEach(each -> each.parent = parent);
        after.volumes.remove(name);
        return store -> store.delete(name);
    }

    private static Doing resize(LvolModel.Entry entry, String name, int choice) {
        int clusters = choice % 2 == 0 || entry.clusters == 1 ? entry.clusters + 2 : entry.clusters - 1;
        entry.resize(clusters);
        return store -> store.resize(name, clusters);
    }

    private static Doing snapshot(LvolModel after, String name, String fresh) {
        LvolModel.Entry entry = after.volumes.get(name);
        LvolModel.Entry snapshot = entry.copy();
        snapshot.snapshot = true;
        entry.parent = fresh;
        entry.thin = true;
        after.volumes.put(fresh, snapshot);
        return store -> store.snapshot(name, fresh);
    }

    private static Doing copy(LvolModel after, String name, String fresh) {
        LvolModel.Entry clone = after.volumes.get(name).copy();
        clone.snapshot = false;
        clone.thin = true;
        clone.parent = name;
        after.volumes.put(fresh, clone);
        return store -> store.cloneOf(name, fresh);
    }

    private static Doing inflate(LvolModel.Entry entry, String name) {
        entry.thin = false;
        entry.parent = null;
        return store -> store.medium.change(outcome -> store.store.inflate(store.volume(name), outcome));
    }

    private static Doing decouple(LvolModel after, LvolModel.Entry entry, String name) {
        entry.parent = after.volumes.get(entry.parent).parent;
        return store -> store.medium.change(outcome -> store.store.decouple(store.volume(name), outcome));
    }

    private static Doing write(LvolModel.Entry entry, String name, int choice) {
        long word = 1_000_000 + choice * 1000L + Math.floorMod(Arrays.hashCode(entry.now), 1000);
        int end = Math.min(TestStore.SECTORS + 3, entry.now.length);
        for (int sector = TestStore.SECTORS - 2; sector < end; sector++) {
            entry.write(sector, word);
        }
        return store -> {
            store.write(name, TestStore.SECTORS - 2, 2, word);
            if (end > TestStore.SECTORS) {
                store.write(name, TestStore.SECTORS, 3, word);
            }
        };
    }

    private static Doing unmap(LvolModel.Entry entry, String name) {
        for (int sector = 0; sector < TestStore.SECTORS; sector++) {
            entry.write(sector, 0);
        }
        return store -> store.medium.change(outcome -> store.store.release(store.volume(name), 0, 1, outcome));
    }

    private static Doing rename(LvolModel after, String name, String fresh) {
        after.volumes.values().stream().filter(each -> name.equals(each.parent)).forEach(each -> each.parent = fresh);
        after.volumes.put(fresh, after.volumes.remove(name));
        return store -> store.medium.change(outcome -> store.store.rename(store.volume(name), fresh, outcome));
    }

    private static Doing grow(LvolModel after) {
        after.clusters = LvolWorld.GROWN;
        return store -> {
            ((LvolWorld.CutMedium) store.medium).length = store.medium.disk.content().size();
            store.medium.change(store.store::grow);
        };
    }
}
