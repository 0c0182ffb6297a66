package dev.karst.bdev.lvol.store;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Bytes;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.PageMap;
import dev.karst.bdev.lvol.disk.PageTree;
import dev.karst.bdev.lvol.disk.SuperBlock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** All that a store knows, and which of it differs from what is on disk. */
final class StoreState {
    /** Which super block is known to be durable, and to hold the last durable change. */
    enum Sure {
        FIRST, SECOND, NEITHER
    }

    /** A page to be written. */
    record PlacedPage(int number, byte[] bytes) {}

    /** What a commit writes: pages, then the super block that leads to them. */
    record Gathered(List<PlacedPage> pages, SuperBlock superBlock) {}

    /** A page of the directory, or on level 0 the header of the volume with that slot. */
    private record Node(int level, int index) {}

    final Medium medium;
    final PageMap pages;
    final ClusterMap clusters;
    final PageTree directory;
    final int clusterSize;
    /** Names in use, also of volumes that are being made. */
    final Set<String> names = new HashSet<>();
    /** By slot; null for none. */
    private final List<Volume> slots = new ArrayList<>();
    private final Set<Volume> changed = new LinkedHashSet<>();
    private final BitSet unmappable = new BitSet();
    /** The super block that is durable. */
    private SuperBlock durable;
    private String name;
    private boolean nameOrSizeChanged;
    /** Whether the second super block holds what the first one does. */
    private boolean secondCurrent;
    private Sure sure = Sure.NEITHER;
    /** Which of them the mount believed. */
    private Sure believed = Sure.FIRST;
    /** The highest generation that was ever given. */
    private long lastGeneration;
    private StorageException failure;
    private Runnable whenFailed = () -> {};
    private boolean closing;
    /** Whether part of the directory cannot be read, so that there may be more volumes than are known. */
    private final List<Node> damagedNodes = new ArrayList<>();
    /** What of all that is durable does not check. */
    private final Set<Node> damaged = new HashSet<>();

    StoreState(Medium medium, SuperBlock durable, boolean secondCurrent, Parts parts) {
        this.medium = medium;
        this.durable = durable;
        lastGeneration = durable.generation();
        this.secondCurrent = secondCurrent;
        name = durable.name();
        clusterSize = durable.clusterSize();
        pages = parts.pages(durable.metadataPages());
        clusters = parts.clusters(durable.firstCluster(), durable.clusters(), durable.freshClusters());
        directory = new PageTree(Page.HEADER, Page.DIRECTORY_NODE, pages, durable.slots());
        for (int slot = 0; slot < durable.slots(); slot++) {
            slots.add(null);
        }
    }

    SuperBlock durable() {
        return durable;
    }

    String name() {
        return name;
    }

    void rename(String newName) {
        name = newName;
        nameOrSizeChanged = true;
    }

    void grow(int total, boolean zeros) {
        clusters.grow(total, zeros);
        nameOrSizeChanged = true;
    }

    boolean secondCurrent() {
        return secondCurrent;
    }

    void secondCurrent(boolean current) {
        secondCurrent = current;
    }

    Sure sure() {
        return sure;
    }

    void sure(Sure which) {
        sure = which;
    }

    /** For the mount, which cannot know whether that is durable. */
    void believe(Sure which) {
        believed = which;
    }

    /** The page of the super block that the mount believed. */
    int believedPage() {
        return believed == Sure.SECOND ? SuperBlock.SECOND : SuperBlock.FIRST;
    }

    /** What the mount believed is durable now. */
    void confirmed() {
        sure = believed;
        secondCurrent = believed == Sure.SECOND;
    }

    /** What the durable one says, of a generation that none ever had. */
    SuperBlock nextSuperBlock() {
        lastGeneration++;
        return durable.of(lastGeneration);
    }

    /** No change is to begin, and none to go on for long. */
    void closing() {
        closing = true;
    }

    boolean isClosing() {
        return closing;
    }

    /** Why the store takes no changes any more; null if it does. */
    StorageException failure() {
        return failure;
    }

    void fail(StorageException why) {
        if (failure == null) {
            failure = why;
            whenFailed.run();
        }
    }

    /** What is done when the store takes no changes any more. */
    void whenFailed(Runnable task) {
        whenFailed = task;
    }

    Runnable whenFailed() {
        return whenFailed;
    }

    List<Volume> volumes() {
        return slots.stream().filter(volume -> volume != null).toList();
    }

    Volume at(int slot) {
        return slot < 0 || slot >= slots.size() ? null : slots.get(slot);
    }

    int slots() {
        return slots.size();
    }

    /** For the mount, and for a store that goes on after one. */
    void put(Volume volume) {
        slots.set(volume.slot, volume);
    }

    /** For the mount: a page of the directory cannot be read. */
    void directoryDamaged(int level, int index) {
        damagedNodes.add(new Node(level, index));
    }

    boolean isDirectoryDamaged() {
        return !damagedNodes.isEmpty();
    }

    /** For the mount, which has found all damage that there is. */
    void damageFound() {
        damaged.addAll(damagedNodes);
        volumes().stream().filter(volume -> volume.damage() != null).forEach(volume -> damaged.add(new Node(0, volume.slot)));
    }

    /** Whether the same is damaged there, whatever was found first of what is wrong with it. */
    boolean isDamagedLike(StoreState other) {
        return damaged.equals(other.damaged);
    }

    /** What is damaged is forgotten with the next commit; when that is durable, {@link #forgotten} frees what it had. */
    List<Volume> forgetDamaged() {
        List<Volume> gone = volumes().stream().filter(volume -> volume.damage() != null).toList();
        for (Volume volume : gone) {
            changed.remove(volume);
            slots.set(volume.slot, null);
            directory.touch(volume.slot);
            volume.parent(null, null);
        }
        // Another volume may have the name of one that was damaged.
        gone.forEach(volume -> names.remove(volume.name()));
        volumes().forEach(volume -> names.add(volume.name()));
        damagedNodes.forEach(node -> directory.touchAt(node.level(), node.index()));
        return gone;
    }

    /** The commit without these, which were damaged, is durable: what no other volume needs is free. Before the next is gathered. */
    void forgotten(List<Volume> gone) {
        for (Volume volume : gone) {
            for (int index = 0; index < volume.clusters(); index++) {
                if (volume.own(index) > 0) {
                    clusters.disown(volume.own(index));
                }
            }
        }
        clusters.freeOthers();
        pages.useOnly(pagesInUse());
        damagedNodes.clear();
        damaged.clear();
    }

    /** The pages that trees lead to, as they were last written. */
    BitSet pagesInUse() {
        BitSet all = new BitSet();
        directory.addPagesTo(all);
        volumes().stream().filter(volume -> volume.damage() == null).forEach(volume -> volume.extents().addPagesTo(all));
        return all;
    }

    /** The next commit writes all pages and super blocks anew. */
    void touchAll() {
        for (Volume volume : volumes()) {
            if (volume.damage() == null) {
                volume.extents().touchAll();
                touch(volume);
            }
        }
        nameOrSizeChanged = true;
    }

    /** The name for a new volume with this UUID, reserved from now on. */
    void reserve(String newName, UUID uuid) throws StorageException {
        if (volumes().stream().anyMatch(volume -> volume.uuid().equals(uuid))) {
            throw Failures.exists("with the UUID " + uuid);
        }
        reserve(newName);
    }

    /** A new name for a volume, reserved from now on. */
    void reserve(String newName) throws StorageException {
        String fault = Format.nameFault(newName);
        if (fault != null) {
            throw Failures.invalid(fault);
        } else if (isDirectoryDamaged()) {
            throw Failures.invalid("the directory of volumes of store " + name + " is damaged; a repair removes what is lost");
        } else if (!names.add(newName)) {
            throw Failures.exists(newName);
        }
    }

    /** The slot that a new volume gets. */
    int freeSlot() {
        int slot = slots.indexOf(null);
        return slot < 0 ? slots.size() : slot;
    }

    /** A new volume: its header is written with the next commit. */
    void add(Volume volume) {
        if (volume.slot == slots.size()) {
            slots.add(volume);
            directory.resize(slots.size());
        } else {
            slots.set(volume.slot, volume);
        }
        names.add(volume.name());
        touch(volume);
    }

    /** The volume's header or extents differ from what is on disk. */
    void touch(Volume volume) {
        changed.add(volume);
        directory.touch(volume.slot);
    }

    /** Puts a cluster, {@link Layer#NONE} or {@link Layer#ZEROS} there; one that was there is released. */
    void set(Volume volume, int index, int cluster) {
        int before = volume.own(index);
        if (before == cluster) {
            return;
        }
        volume.layer().set(index, cluster);
        volume.extents().touch(index / Layer.PIECE);
        touch(volume);
        if (before > 0) {
            release(volume, before);
            volume.allocated(-1);
        }
        if (cluster > 0) {
            volume.allocated(1);
        }
    }

    /** Takes a cluster out of a volume without releasing it. */
    int take(Volume volume, int index) {
        int cluster = volume.own(index);
        if (cluster != Layer.NONE) {
            volume.layer().set(index, Layer.NONE);
            volume.allocated(cluster > 0 ? -1 : 0);
        }
        return cluster;
    }

    private void release(Volume volume, int cluster) {
        clusters.release(cluster);
        unmappable.set(cluster, volume.clearMethod() == ClearMethod.UNMAP);
    }

    /** The volume goes with all that it owns. */
    void remove(Volume volume) {
        for (int index = 0; index < volume.clusters(); index++) {
            if (volume.own(index) > 0) {
                release(volume, volume.own(index));
            }
        }
        volume.parent(null, null);
        volume.extents().release();
        changed.remove(volume);
        names.remove(volume.name());
        slots.set(volume.slot, null);
        directory.touch(volume.slot);
    }

    /** Pages that a change of the volume's header dirties at most. */
    int headerPages() {
        return directory.height() + 3;
    }

    boolean isChanged() {
        return pages.dirty() > 0 || clusters.isChanged() || nameOrSizeChanged;
    }

    /** Takes all changes until now into pages with new places, as the next generation. */
    Gathered gather() {
        long generation = durable.generation() + 1;
        lastGeneration = generation;
        List<PlacedPage> placed = new ArrayList<>();
        PageTree.Placer placer = (page, identity) -> {
            int number = pages.take();
            placed.add(new PlacedPage(number, page));
            return Page.seal(page, identity, durable.uuid(), number, generation);
        };
        for (Volume volume : changed) {
            volume.extents().write(leaf -> extents(volume, leaf), placer);
        }
        changed.clear();
        directory.write(slot -> slots.get(slot) == null ? null : slots.get(slot).header().encode(), placer);
        pages.gathered();
        clusters.gathered();
        nameOrSizeChanged = false;
        return new Gathered(placed, new SuperBlock(
            durable.uuid(), name, clusterSize, durable.metadataPages(), durable.clearMethod(), generation, clusters.total(),
            clusters.nextMark(), pages.fresh(), slots.size(), directory.root()));
    }

    private static byte[] extents(Volume volume, int leaf) {
        if (volume.layer().isEmpty(leaf)) {
            return null;
        }
        byte[] page = new byte[Page.BYTES];
        int from = leaf * Layer.PIECE;
        for (int i = 0; i < Layer.PIECE && from + i < volume.clusters(); i++) {
            Bytes.setInt(page, Page.BODY + i * Integer.BYTES, volume.own(from + i));
        }
        return page;
    }

    /** What was gathered is durable. Gives the clusters that are free now and may be given back to the medium. */
    BitSet becameDurable(SuperBlock superBlock) {
        durable = superBlock;
        sure = Sure.FIRST;
        pages.durable();
        BitSet freed = clusters.durable();
        freed.and(unmappable);
        unmappable.andNot(freed);
        return freed;
    }
}
