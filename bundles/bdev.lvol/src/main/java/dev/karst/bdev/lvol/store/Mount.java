package dev.karst.bdev.lvol.store;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Bytes;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.PageTree;
import dev.karst.bdev.lvol.disk.Pointer;
import dev.karst.bdev.lvol.disk.SuperBlock;
import dev.karst.bdev.lvol.disk.VolumeHeader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Reads what the newest whole super block leads to, and writes nothing. What does not check is left as it is, and its volume,
 * with all that see through it, is set aside as damaged.
 */
final class Mount {
    /** Reads in flight at a time. */
    private static final int DEPTH = 64;

    private record Visit(Pointer pointer, Page.Identity identity, Consumer<byte[]> found, Consumer<String> fault) {}

    private final Medium medium;
    private final Parts parts;
    private final Outcome<Mount> outcome;
    private final Queue<Visit> visits = new ArrayDeque<>();
    private final List<String> damage = new ArrayList<>();
    private final BitSet owned = new BitSet();
    private final BitSet ownedTwice = new BitSet();
    private final BitSet pagesUsedTwice = new BitSet();
    private int inFlight;
    private int pagesRead;
    private IntPredicate progress = _ -> true;
    private boolean stopped;
    private StoreState state;
    private VolumeHeader[] headers;

    Mount(Medium medium, Parts parts, Outcome<Mount> outcome) {
        this.medium = medium;
        this.parts = parts;
        this.outcome = outcome;
    }

    StoreState state() {
        return state;
    }

    /** What does not check, in words. */
    List<String> damage() {
        return damage;
    }

    int pagesRead() {
        return pagesRead;
    }

    void go() {
        byte[] first = new byte[Page.BYTES];
        byte[] second = new byte[Page.BYTES];
        medium.read(SuperBlock.FIRST * (long) Page.BYTES, first, firstStatus ->
            medium.read(SuperBlock.SECOND * (long) Page.BYTES, second, secondStatus -> {
                if (firstStatus != Status.OK && secondStatus != Status.OK) {
                    outcome.failed(Failures.io("reading the super blocks", firstStatus));
                    return;
                }
                try {
                    choose(firstStatus == Status.OK ? first : new byte[Page.BYTES],
                        secondStatus == Status.OK ? second : new byte[Page.BYTES]);
                } catch (StorageException e) {
                    outcome.failed(e);
                    return;
                }
                walk();
            }));
    }

    private void choose(byte[] first, byte[] second) throws StorageException {
        boolean firstWhole = SuperBlock.claims(first) && parts.isWhole(first);
        boolean secondWhole = SuperBlock.claims(second) && parts.isWhole(second);
        if (!firstWhole && !secondWhole) {
            boolean claims = SuperBlock.claims(first) || SuperBlock.claims(second);
            throw claims ? Failures.invalid("both super blocks are damaged: their CRC does not fit")
                : StorageException.failure(Errno.ENOENT, "there is no store");
        }
        boolean useFirst = firstWhole
            && (!secondWhole || SuperBlock.generation(first) >= SuperBlock.generation(second));
        SuperBlock block = SuperBlock.decode(useFirst ? first : second, medium.bytes());
        begin(block, !useFirst || Arrays.equals(first, second));
        state.believe(useFirst ? StoreState.Sure.FIRST : StoreState.Sure.SECOND);
    }

    private void begin(SuperBlock block, boolean secondCurrent) {
        state = new StoreState(medium, block, secondCurrent, parts);
        headers = new VolumeHeader[block.slots()];
    }

    /**
     * Reads what a super block leads to that is known. Fails only with ECANCELED.
     *
     * @param toldOfPages told how many pages were read, after each; false ends the walk
     */
    void walk(SuperBlock block, IntPredicate toldOfPages) {
        progress = toldOfPages;
        begin(block, true);
        walk();
    }

    private void walk() {
        Pointer root = state.durable().directory();
        if (!root.isNone()) {
            visitDirectory(state.directory.height(), 0, root);
        }
        pump();
    }

    private void visit(Pointer pointer, Page.Identity identity, Consumer<byte[]> found, Consumer<String> fault) {
        boolean within = pointer.page() > 0 && pointer.page() < state.durable().freshPages();
        if (!within || pointer.generation() > state.durable().generation()) {
            fault.accept("a pointer leads to page " + pointer.page() + " of generation " + pointer.generation());
        } else if (!state.pages.use(pointer.page())) {
            pagesUsedTwice.set(pointer.page());
            fault.accept("page " + pointer.page() + " is used twice");
        } else {
            visits.add(new Visit(pointer, identity, found, fault));
        }
    }

    private void pump() {
        while (inFlight < DEPTH && !visits.isEmpty()) {
            Visit visit = visits.remove();
            byte[] page = new byte[Page.BYTES];
            inFlight++;
            medium.read(visit.pointer().page() * (long) Page.BYTES, page, status -> read(visit, page, status));
        }
        if (inFlight == 0 && stopped) {
            outcome.failed(StorageException.failure(Errno.ECANCELED, "it was ended after " + pagesRead + " pages"));
        } else if (inFlight == 0) {
            finish();
        }
    }

    private void read(Visit visit, byte[] page, int status) {
        inFlight--;
        stopped = stopped || !progress.test(++pagesRead);
        if (stopped) {
            visits.clear();
            pump();
            return;
        }
        String fault = status == Status.OK
            ? Page.fault(page, visit.identity(), state.durable().uuid(), visit.pointer()) : Status.text(status);
        if (fault == null) {
            visit.found().accept(page);
        } else {
            visit.fault().accept("page " + visit.pointer().page() + ": " + fault);
        }
        pump();
    }

    private void visitDirectory(int level, int index, Pointer pointer) {
        PageTree directory = state.directory;
        directory.adopt(level, index, pointer);
        if (level == 0) {
            visit(pointer, directory.identity(0, index), page -> header(index, page), why -> unreadable(index, why));
        } else {
            Consumer<String> fault = why -> {
                state.directoryDamaged(level, index);
                damage.add("the directory of volumes: " + why);
            };
            visit(pointer, directory.identity(level, index),
                page -> children(
                    page, index, directory.size(level - 1), fault, (child, to) -> visitDirectory(level - 1, child, to)), fault);
        }
    }

    /** Who is told of a child of a node. */
    private interface Child {
        void found(int index, Pointer pointer);
    }

    private static void children(byte[] page, int index, int size, Consumer<String> fault, Child child) {
        for (int i = 0; i < PageTree.FANOUT; i++) {
            Pointer pointer = Pointer.read(page, Page.BODY + i * Pointer.BYTES);
            int at = index * PageTree.FANOUT + i;
            if (pointer.isNone()) {
                continue;
            } else if (at >= size) {
                fault.accept("a pointer to what lies behind the end");
            } else {
                child.found(at, pointer);
            }
        }
    }

    private void unreadable(int slot, String why) {
        var volume = new Volume(slot, new UUID(0, slot), "slot-" + slot, new Layer(0, null, false),
            new PageTree(Page.EXTENTS, Page.EXTENTS_NODE, state.pages, 0));
        volume.damage(why);
        state.put(volume);
    }

    private void header(int slot, byte[] page) {
        VolumeHeader header = VolumeHeader.decode(page);
        if (header == null) {
            unreadable(slot, "its header contradicts itself");
            return;
        }
        headers[slot] = header;
        var extents = new PageTree(Page.EXTENTS, Page.EXTENTS_NODE, state.pages, Layer.pieces(header.clusters()));
        var volume = new Volume(slot, header.uuid(), header.name(), new Layer(header.clusters(), null, false), extents);
        volume.thin(header.thin());
        volume.readOnly(header.readOnly());
        volume.snapshot(header.snapshot());
        volume.clearMethod(header.clearMethod());
        header.xattrs().forEach(volume::xattr);
        state.put(volume);
        if (!header.extents().isNone()) {
            visitExtents(volume, extents.height(), 0, header.extents());
        }
    }

    private void visitExtents(Volume volume, int level, int index, Pointer pointer) {
        PageTree extents = volume.extents();
        if (extents.leaves() == 0) {
            volume.damage("it has extents and no length");
            return;
        }
        extents.adopt(level, index, pointer);
        Consumer<byte[]> found = level == 0
            ? page -> piece(volume, index, page)
            : page -> children(page, index, extents.size(level - 1), volume::damage,
                (child, to) -> visitExtents(volume, level - 1, child, to));
        visit(pointer, extents.identity(level, index), found, volume::damage);
    }

    private void piece(Volume volume, int at, byte[] page) {
        int[] piece = new int[Layer.PIECE];
        int length = Math.min(Layer.PIECE, volume.clusters() - at * Layer.PIECE);
        for (int i = 0; i < Layer.PIECE; i++) {
            int cluster = Bytes.getInt(page, Page.BODY + i * Integer.BYTES);
            boolean within = cluster >= state.clusters.first() && cluster < state.durable().freshClusters();
            if (cluster != Layer.NONE && (i >= length || cluster != Layer.ZEROS && !within)) {
                volume.damage("cluster " + (at * Layer.PIECE + i) + " of it lies at " + cluster + " of the disk");
                continue;
            }
            piece[i] = cluster;
            if (cluster > 0) {
                volume.allocated(1);
                ownedTwice.set(cluster, owned.get(cluster));
                owned.set(cluster);
                state.clusters.own(cluster);
            }
        }
        volume.layer().setPiece(at, piece);
    }

    private void finish() {
        List<Volume> volumes = state.volumes();
        Set<String> names = new HashSet<>();
        Set<UUID> uuids = new HashSet<>();
        for (Volume volume : volumes) {
            if (!names.add(volume.name()) || !uuids.add(volume.uuid())) {
                volume.damage("another volume has the same name or UUID");
            }
            findUsedTwice(volume);
            link(volume);
        }
        state.names.addAll(names);
        volumes.forEach(Mount::lookBelow);
        volumes.stream().filter(volume -> volume.damage() != null)
            .forEach(volume -> damage.add("volume " + volume.name() + ": " + volume.damage()));
        state.damageFound();
        if (damage.isEmpty()) {
            state.clusters.freeOthers();
        } else {
            state.pages.suspectBefore(state.durable().freshPages());
        }
        outcome.succeeded(this);
    }

    /** Nobody can tell whose it is. */
    private void findUsedTwice(Volume volume) {
        if (!pagesUsedTwice.isEmpty()) {
            var pages = new BitSet();
            volume.extents().addPagesTo(pages);
            if (pages.intersects(pagesUsedTwice)) {
                volume.damage("a page of its extents is used twice");
            }
        }
        for (int index = 0; !ownedTwice.isEmpty() && index < volume.clusters(); index++) {
            if (volume.own(index) > 0 && ownedTwice.get(volume.own(index))) {
                volume.damage("cluster " + volume.own(index) + " of the disk is owned twice");
            }
        }
    }

    private void link(Volume volume) {
        VolumeHeader header = headers[volume.slot];
        if (header == null) {
            return;
        }
        Volume parent = state.at(header.parentSlot());
        boolean wanted = header.parentSlot() >= 0;
        if (wanted && (parent == null || headers[parent.slot] == null || !parent.uuid().equals(header.parentUuid()))) {
            volume.damage("its parent " + header.parentUuid() + " is absent or unreadable");
        } else if (wanted && reaches(header.parentSlot(), volume.slot)) {
            volume.damage("it is its own ancestor");
        } else {
            volume.parent(wanted ? parent : null, header.external());
        }
    }

    /** Whether the chain of parents from one volume comes to another. */
    private boolean reaches(int from, int to) {
        int at = from;
        for (int steps = 0; at >= 0 && at < headers.length && headers[at] != null && steps <= headers.length; steps++) {
            if (at == to) {
                return true;
            }
            at = headers[at].parentSlot();
        }
        return false;
    }

    private static void lookBelow(Volume volume) {
        for (Volume at = volume.parent(); at != null; at = at.parent()) {
            if (at.damage() != null) {
                volume.damage("its parent " + at.name() + " is damaged: " + at.damage());
            }
        }
    }
}
