package dev.karst.bdev.lvol.store;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;

/**
 * What a store must hold, said without its code: volumes by name, and for each sector the words that it may hold after a power
 * cut. Where a volume has clusters of its own is known as far as it takes to tell what is seen when it gets another parent.
 */
final class LvolModel {
    /** What a volume has itself, of one cluster; zeros hide the parent. */
    enum Own {
        NOTHING, SOMETHING, ZEROS, UNKNOWN
    }

    /** A volume. */
    static final class Entry {
        int clusters;
        boolean thin;
        boolean snapshot;
        String parent;
        /** What each sector reads as now. */
        long[] now;
        /** What else each sector may read as after a power cut, as its last write is not durable; null for nothing. */
        long[][] older;
        Own[] own;

        Entry(int clusters, boolean thin) {
            this.clusters = clusters;
            this.thin = thin;
            now = new long[clusters * TestStore.SECTORS];
            older = new long[now.length][];
            own = new Own[clusters];
            own(thin ? Own.NOTHING : Own.SOMETHING);
        }

        /** All clusters are so. */
        void own(Own all) {
            Arrays.fill(own, all);
        }

        /** Whether it is known what is seen when it gets another parent. */
        boolean isKnown() {
            return !Arrays.asList(own).contains(Own.UNKNOWN);
        }

        /** What its parent has is its own, where it has nothing. */
        void takeOver(Entry from) {
            for (int cluster = 0; cluster < clusters; cluster++) {
                if (own[cluster] == Own.NOTHING) {
                    boolean sees = cluster < from.clusters && from.own[cluster] != Own.ZEROS;
                    own[cluster] = sees ? from.own[cluster] : Own.UNKNOWN;
                }
            }
        }

        /** These words are seen where it has nothing. */
        void see(IntToLongFunction words) {
            for (int sector = 0; sector < now.length; sector++) {
                if (own[sector / TestStore.SECTORS] == Own.NOTHING) {
                    now[sector] = words.applyAsLong(sector);
                }
            }
        }

        Entry copy() {
            var copy = new Entry(clusters, thin);
            copy.snapshot = snapshot;
            copy.parent = parent;
            copy.now = now.clone();
            copy.older = older.clone();
            copy.own = own.clone();
            return copy;
        }

        void write(int sector, long word) {
            long[] before = older[sector] == null ? new long[0] : older[sector];
            long[] after = Arrays.copyOf(before, before.length + 1);
            after[before.length] = now[sector];
            older[sector] = after;
            now[sector] = word;
        }

        void resize(int count) {
            Own fresh = !thin ? Own.SOMETHING : parent == null ? Own.NOTHING : Own.UNKNOWN;
            int before = clusters;
            clusters = count;
            own = Arrays.copyOf(own, count);
            Arrays.fill(own, Math.min(before, count), count, fresh);
            now = Arrays.copyOf(now, count * TestStore.SECTORS);
            older = Arrays.copyOf(older, now.length);
        }

        boolean may(int sector, long word) {
            return now[sector] == word || older[sector] != null && Arrays.stream(older[sector]).anyMatch(old -> old == word);
        }
    }

    final Map<String, Entry> volumes = new TreeMap<>();
    int clusters;

    LvolModel(int clusters) {
        this.clusters = clusters;
    }

    LvolModel copy() {
        var copy = new LvolModel(clusters);
        volumes.forEach((name, entry) -> copy.volumes.put(name, entry.copy()));
        return copy;
    }

    /** All that was written is durable now. */
    void flushed() {
        volumes.values().forEach(entry -> Arrays.fill(entry.older, null));
    }

    int clones(String snapshot) {
        return (int) volumes.values().stream().filter(entry -> snapshot.equals(entry.parent)).count();
    }

    /** What the volumes are like, without what they hold. */
    String structure() {
        var text = new StringBuilder().append(clusters);
        volumes.forEach((name, entry) -> text.append(' ')
            .append(String.join(":", name, "" + entry.clusters, "" + entry.thin, "" + entry.snapshot, "" + entry.parent)));
        return text.toString();
    }

    /** The same of a store. */
    static String structure(LvolStore store) {
        Map<String, String> texts = new TreeMap<>();
        for (Volume volume : store.volumes()) {
            texts.put(volume.name(), String.join(":", volume.name(), "" + volume.clusters(), "" + volume.thin(),
                "" + volume.isSnapshot(), volume.parent() == null ? "" + volume.external() : volume.parent().name()));
        }
        return String.join(" ", concat("" + store.totalClusters(), texts.values()));
    }

    private static String[] concat(String first, Collection<String> others) {
        String[] all = new String[others.size() + 1];
        all[0] = first;
        int at = 1;
        for (String other : others) {
            all[at++] = other;
        }
        return all;
    }

    /** What of a store is not as it may be after a power cut; null for nothing. */
    String fault(TestStore store) {
        String found = structure(store.store);
        if (!found.equals(structure())) {
            return "there is " + found + ", not " + structure();
        }
        for (Map.Entry<String, Entry> each : volumes.entrySet()) {
            Volume volume = store.volume(each.getKey());
            for (int sector = 0; sector < each.getValue().now.length; sector++) {
                long word = store.read(volume, sector);
                if (!each.getValue().may(sector, word)) {
                    return "sector " + sector + " of " + each.getKey() + " holds " + word + ", not " + each.getValue().now[sector]
                        + " or " + Arrays.toString(each.getValue().older[sector]);
                }
            }
        }
        return null;
    }

    /** Takes what a store reads as for what is durable. */
    void takeContents(TestStore store) {
        volumes.forEach((name, entry) -> {
            Volume volume = store.volume(name);
            for (int sector = 0; sector < entry.now.length; sector++) {
                entry.now[sector] = store.read(volume, sector);
            }
            for (int cluster = 0; cluster < entry.clusters; cluster++) {
                entry.own[cluster] = volume.own(cluster) > 0 ? Own.SOMETHING : volume.own(cluster) == Layer.ZEROS ? Own.ZEROS : Own.NOTHING;
            }
        });
        flushed();
    }
}
