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
    CREATE, DELETE, RESIZE, SNAPSHOT, CLONE, INFLATE, DECOUPLE, WRITE, UNMAP, FLUSH, RENAME, GROW, SET_PARENT, CLONE_OUTSIDE, SET_PARENT_OUTSIDE;

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
            case SET_PARENT -> setParent(after, entry, name, choice);
            case CLONE_OUTSIDE -> cloneOutside(after, fresh);
            case SET_PARENT_OUTSIDE -> setParentOutside(entry, name);
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
            case SET_PARENT -> canGetParent(each.getValue()) && !parents(model, each.getValue()).isEmpty();
            case SET_PARENT_OUTSIDE -> canGetParent(each.getValue()) && !TestStore.OUTSIDE.equals(each.getValue().parent);
            case CREATE, FLUSH, RENAME, GROW, CLONE_OUTSIDE -> true;
        };
        List<String> names = model.volumes.entrySet().stream().filter(fits).map(Map.Entry::getKey).toList();
        return names.isEmpty() ? null : names.get(choice % names.size());
    }

    private static boolean canGetParent(LvolModel.Entry entry) {
        return !entry.snapshot && entry.thin && entry.isKnown();
    }

    /** Snapshots that a volume can stand on instead. */
    private static List<String> parents(LvolModel model, LvolModel.Entry entry) {
        return model.volumes.entrySet().stream()
            .filter(each -> each.getValue().snapshot && each.getValue().clusters == entry.clusters && !each.getKey().equals(entry.parent))
            .map(Map.Entry::getKey).toList();
    }

    private static Doing create(LvolModel after, String name, int choice) {
        boolean thin = choice % 2 == 1;
        after.volumes.put(name, new LvolModel.Entry(2, thin));
        return store -> store.create(name, 2, thin);
    }

    private static Doing delete(LvolModel after, String name) {
        LvolModel.Entry gone = after.volumes.get(name);
        after.volumes.values().stream().filter(each -> name.equals(each.parent)).forEach(each -> {
            each.takeOver(gone);
            each.parent = gone.parent;
        });
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
        entry.own(LvolModel.Own.NOTHING);
        after.volumes.put(fresh, snapshot);
        return store -> store.snapshot(name, fresh);
    }

    private static Doing copy(LvolModel after, String name, String fresh) {
        LvolModel.Entry clone = after.volumes.get(name).copy();
        clone.snapshot = false;
        clone.thin = true;
        clone.parent = name;
        clone.own(LvolModel.Own.NOTHING);
        after.volumes.put(fresh, clone);
        return store -> store.cloneOf(name, fresh);
    }

    private static Doing inflate(LvolModel.Entry entry, String name) {
        entry.thin = false;
        entry.parent = null;
        entry.own(LvolModel.Own.SOMETHING);
        return store -> store.medium.change(outcome -> store.store.inflate(store.volume(name), outcome));
    }

    private static Doing decouple(LvolModel after, LvolModel.Entry entry, String name) {
        LvolModel.Entry parent = after.volumes.get(entry.parent);
        if (parent == null) {
            entry.own(LvolModel.Own.SOMETHING);
        } else {
            entry.takeOver(parent);
        }
        entry.parent = parent == null ? null : parent.parent;
        return store -> store.medium.change(outcome -> store.store.decouple(store.volume(name), outcome));
    }

    private static Doing write(LvolModel.Entry entry, String name, int choice) {
        long word = 1_000_000 + choice * 1000L + Math.floorMod(Arrays.hashCode(entry.now), 1000);
        int end = Math.min(TestStore.SECTORS + 3, entry.now.length);
        for (int sector = TestStore.SECTORS - 2; sector < end; sector++) {
            entry.write(sector, word);
            entry.own[sector / TestStore.SECTORS] = LvolModel.Own.SOMETHING;
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
        entry.own[0] = entry.parent == null ? LvolModel.Own.NOTHING : LvolModel.Own.UNKNOWN;
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

    private static Doing setParent(LvolModel after, LvolModel.Entry entry, String name, int choice) {
        List<String> parents = parents(after, entry);
        String parent = parents.get(choice / 2 % parents.size());
        long[] words = after.volumes.get(parent).now;
        entry.parent = parent;
        entry.see(sector -> words[sector]);
        return store -> store.medium.change(outcome -> store.store.setParent(store.volume(name), store.volume(parent), outcome));
    }

    private static Doing cloneOutside(LvolModel after, String name) {
        var clone = new LvolModel.Entry(2, true);
        clone.parent = TestStore.OUTSIDE;
        clone.see(TestStore::wordOutside);
        after.volumes.put(name, clone);
        return store -> store.medium.make(
            outcome -> store.store.cloneExternal(TestStore.OUTSIDE, 2, store.options(name, true), outcome));
    }

    private static Doing setParentOutside(LvolModel.Entry entry, String name) {
        entry.parent = TestStore.OUTSIDE;
        entry.see(TestStore::wordOutside);
        return store -> store.medium.change(outcome -> store.store.setExternalParent(store.volume(name), TestStore.OUTSIDE, outcome));
    }
}
