package dev.karst.itests.lvol;

import dev.karst.itests.KarstInstance;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes and deletes snapshots, clones and volumes of a store one after the other, by its methods, and knows what it was answered: which
 * are there and what the snapshots hold.
 */
final class LvolChanges {
    private static final int MOST_SNAPSHOTS = 4;

    /** A snapshot of a volume under load, and what it may hold. */
    record Snapshot(FlushedLoad of, Stamps stamps) {}

    private final KarstInstance instance;
    private final String store;
    private final List<FlushedLoad> loads;
    private final SplittableRandom random;
    private final Map<String, Snapshot> snapshots = new TreeMap<>();
    private final Set<String> others = new TreeSet<>();
    /** What comes or goes while nothing is answered; null for nothing. */
    private String onItsWay;
    /** What the snapshot that is being made holds at least; null for none. */
    private Snapshot coming;
    private int number;
    private int answered;

    LvolChanges(KarstInstance instance, String store, List<FlushedLoad> loads, long seed) {
        this.instance = instance;
        this.store = store;
        this.loads = loads;
        random = new SplittableRandom(seed);
    }

    int answered() {
        return answered;
    }

    /** What it knows of the snapshots; {@link #check} has been called since it ran. */
    Map<String, Snapshot> snapshots() {
        return snapshots;
    }

    /** Until the process ends; gives how that showed. */
    IOException run() {
        try {
            while (true) {
                change();
                answered++;
            }
        } catch (IOException e) {
            return e;
        }
    }

    private void change() throws IOException {
        int chosen = random.nextInt(8);
        if (chosen < 3 && snapshots.size() < MOST_SNAPSHOTS) {
            snapshot(loads.get(random.nextInt(loads.size())));
        } else if (chosen < 6 && !snapshots.isEmpty()) {
            delete(any(snapshots.keySet()));
        } else {
            change("x" + chosen, chosen == 6 || snapshots.isEmpty());
        }
    }

    private String any(Set<String> names) {
        return List.copyOf(names).get(random.nextInt(names.size()));
    }

    private void snapshot(FlushedLoad of) throws IOException {
        onItsWay = "s" + ++number;
        coming = new Snapshot(of, new Stamps(of.written(), null));
        instance.call("bdev_lvol_snapshot", Map.of("lvol_name", store + "/" + of.volume, "snapshot_name", onItsWay));
        snapshots.put(onItsWay, taken());
        onItsWay = null;
        coming = null;
    }

    /** What is sent later than now is not in it. */
    private Snapshot taken() {
        return new Snapshot(coming.of, new Stamps(coming.stamps.lowest(), coming.of.sent()));
    }

    private void delete(String name) throws IOException {
        onItsWay = name;
        instance.call("bdev_lvol_delete", Map.of("name", store + "/" + name));
        snapshots.remove(name);
        others.remove(name);
        onItsWay = null;
    }

    /** A volume that nobody uses comes or goes; what a clone stands on is not deleted while it is there. */
    private void change(String name, boolean thick) throws IOException {
        if (others.contains(name)) {
            delete(name);
            return;
        }
        onItsWay = name;
        if (thick) {
            instance.call("bdev_lvol_create", Map.of("lvs_name", store, "lvol_name", name, "size_in_mib", 1L + random.nextInt(4)));
        } else {
            String parent = any(snapshots.keySet());
            instance.call("bdev_lvol_clone", Map.of("snapshot_name", store + "/" + parent, "clone_name", name));
            // Of its own from here on, so that the snapshot has one clone again.
            others.add(name);
            onItsWay = null;
            instance.call("bdev_lvol_inflate", Map.of("name", store + "/" + name));
        }
        others.add(name);
        onItsWay = null;
    }

    /** Takes over what is there after the end of the process: what was answered, with what was on its way or without. */
    void check() throws IOException {
        Set<String> found = volumes().stream().map(volume -> (String) volume.get("name")).collect(Collectors.toCollection(TreeSet::new));
        loads.forEach(load -> found.remove(load.volume));
        Set<String> expected = new TreeSet<>(snapshots.keySet());
        expected.addAll(others);
        Set<String> other = new TreeSet<>(expected);
        if (onItsWay != null && !other.remove(onItsWay)) {
            other.add(onItsWay);
        }
        if (!found.equals(expected) && !found.equals(other)) {
            throw new AssertionError(found + " is neither " + expected + " nor " + other);
        }
        if (coming != null && found.contains(onItsWay)) {
            snapshots.put(onItsWay, taken());
        } else if (onItsWay != null && found.contains(onItsWay) && !snapshots.containsKey(onItsWay)) {
            others.add(onItsWay);
        }
        snapshots.keySet().retainAll(found);
        others.retainAll(found);
        onItsWay = null;
        coming = null;
        inflateClones();
    }

    /** One that was killed before it was inflated would keep its snapshot from being deleted. */
    private void inflateClones() throws IOException {
        for (String name : others) {
            instance.call("bdev_lvol_inflate", Map.of("name", store + "/" + name));
        }
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> volumes() throws IOException {
        return (List<Map<String, Object>>) instance.call("bdev_lvol_get_lvols", Map.of("lvs_name", store));
    }
}
