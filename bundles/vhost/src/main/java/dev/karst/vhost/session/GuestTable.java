package dev.karst.vhost.session;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.UnixSockets;
import dev.karst.spec.vhostuser.MemoryRegion;
import dev.karst.spec.vhostuser.MemoryTable;
import dev.karst.spec.vhostuser.SingleRegion;
import dev.karst.vhost.ring.GuestMemory;
import dev.karst.vhost.session.SharedRegion.Wanted;
import java.util.ArrayList;
import java.util.List;

/** The memory that a front-end has shared. No queue runs while it changes. */
final class GuestTable {
    /** Most regions that are added one by one. */
    static final int MAX_SLOTS = 64;

    private final UnixSockets sockets;
    private final boolean anyFile;
    private List<SharedRegion> regions = List.of();
    private GuestMemory memory = GuestMemory.NONE;

    GuestTable(UnixSockets sockets, boolean anyFile) {
        this.sockets = sockets;
        this.anyFile = anyFile;
    }

    GuestMemory memory() {
        return memory;
    }

    /** What SET_MEM_TABLE says shall be there. */
    static List<Wanted> table(Wire wire) throws StorageException {
        long count = MemoryTable.NREGIONS.get(wire.payload());
        if (count < 1 || count > MessageRule.MAX_TABLE || count != wire.descriptors().size()
            || wire.bytes() < MemoryTable.BYTES + count * MemoryRegion.BYTES) {
            throw wire.broken(count + " regions with " + wire.descriptors().size() + " descriptors in " + wire.bytes() + " bytes");
        }
        List<Wanted> wanted = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            wanted.add(Wanted.at(wire.payload() + MemoryTable.BYTES + (long) i * MemoryRegion.BYTES));
        }
        return wanted;
    }

    /** What ADD_MEM_REG or REM_MEM_REG is about. */
    static Wanted single(Wire wire) {
        return Wanted.at(wire.payload() + SingleRegion.BYTES);
    }

    /** Maps regions, or none of them. */
    List<SharedRegion> map(List<Wanted> wanted, List<Descriptor> descriptors) throws StorageException {
        List<SharedRegion> mapped = new ArrayList<>();
        try {
            for (int i = 0; i < wanted.size(); i++) {
                for (int j = 0; j < i; j++) {
                    check(wanted.get(i), wanted.get(j));
                }
                mapped.add(SharedRegion.map(wanted.get(i), descriptors.get(i), anyFile));
            }
            return mapped;
        } catch (StorageException e) {
            mapped.forEach(region -> region.unmap(sockets));
            throw e;
        }
    }

    private static void check(Wanted one, Wanted other) throws StorageException {
        if (one.overlaps(other)) {
            throw StorageException.errno(Errno.EINVAL, "regions of memory overlap: " + one + ", " + other);
        }
    }

    /** These regions as the device will see them. */
    static GuestMemory of(List<SharedRegion> regions) {
        return new GuestMemory(regions.stream().map(SharedRegion::region).toList());
    }

    /** These instead of those there were, which go. */
    void replace(List<SharedRegion> next) {
        List<SharedRegion> before = regions;
        regions = List.copyOf(next);
        memory = of(regions);
        unmap(before, regions);
    }

    /** These are not wanted after all; those that there are stay. */
    void refuse(List<SharedRegion> next) {
        unmap(next, regions);
    }

    private void unmap(List<SharedRegion> these, List<SharedRegion> unless) {
        these.stream().filter(region -> !unless.contains(region)).forEach(region -> region.unmap(sockets));
    }

    /** Maps one more, and gives all with it. */
    List<SharedRegion> with(Wanted wanted, Descriptor descriptor) throws StorageException {
        if (regions.size() == MAX_SLOTS) {
            throw StorageException.errno(Errno.ENOSPC, "there are " + MAX_SLOTS + " regions of memory already");
        }
        for (SharedRegion region : regions) {
            check(wanted, wanted(region));
        }
        List<SharedRegion> next = new ArrayList<>(regions);
        next.addAll(map(List.of(wanted), List.of(descriptor)));
        return next;
    }

    private static Wanted wanted(SharedRegion region) {
        return new Wanted(region.region().guest(), region.region().bytes(), region.region().user(), 0);
    }

    /** Which region that is. */
    private SharedRegion find(Wanted wanted) throws StorageException {
        return regions.stream()
            .filter(each -> each.region().guest() == wanted.guest() && each.region().bytes() == wanted.bytes()
                && each.region().user() == wanted.user())
            .findFirst().orElseThrow(() -> StorageException.errno(Errno.ENOENT, "there is no region of memory such as " + wanted));
    }

    /** All but that one. */
    List<SharedRegion> without(Wanted wanted) throws StorageException {
        List<SharedRegion> next = new ArrayList<>(regions);
        next.remove(find(wanted));
        return next;
    }
}
