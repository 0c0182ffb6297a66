package dev.karst.vhost.master;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import java.util.ArrayDeque;
import java.util.Deque;

/** A packed virtqueue. VIRTIO 1.2, 2.8. */
final class PackedGuestRing extends GuestRing {
    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int AVAIL = 1 << 7;
    private static final int USED = 1 << 15;
    /** Both begin with a wrap counter of 1. */
    private static final int FIRST_BASE = 0x8000_8000;

    private final Deque<Integer> unused = new ArrayDeque<>();
    /** Descriptors of the chain with that identifier. */
    private final int[] slots;
    private int nextAvailable;
    private boolean wrap = true;
    private int nextUsed;
    private boolean usedWrap = true;

    PackedGuestRing(Master master, int index, int size) throws StorageException {
        super(master, index, size, FIRST_BASE);
        slots = new int[size];
        for (int i = 0; i < size; i++) {
            unused.add(i);
        }
    }

    @Override
    public int add(Piece... pieces) {
        int id = unused.remove();
        slots[id] = pieces.length;
        long first = guest.at(descriptors) + 16L * nextAvailable;
        int firstFlags = 0;
        for (int i = 0; i < pieces.length; i++) {
            long at = guest.at(descriptors) + 16L * nextAvailable;
            int flags = (i + 1 < pieces.length ? NEXT : 0) | (pieces[i].write() ? WRITE : 0) | (wrap ? AVAIL : USED);
            Mem.setLong(at, pieces[i].guest());
            Mem.setInt(at + 8, pieces[i].bytes());
            Mem.setShort(at + 12, (short) id);
            if (i == 0) {
                firstFlags = flags;
            } else {
                Mem.setShort(at + 14, (short) flags);
            }
            nextAvailable++;
            if (nextAvailable == size) {
                nextAvailable = 0;
                wrap = !wrap;
            }
        }
        Mem.setShortRelease(first + 14, (short) firstFlags);
        return id;
    }

    @Override
    public Used poll() {
        long at = guest.at(descriptors) + 16L * nextUsed;
        int flags = Mem.getShortAcquire(at + 14);
        boolean isAvailable = (flags & AVAIL) != 0;
        boolean isUsed = (flags & USED) != 0;
        if (isAvailable != isUsed || isUsed != usedWrap) {
            return null;
        }
        var used = new Used(Mem.getU16(at + 12), (flags & WRITE) != 0 ? Mem.getU32(at + 8) : 0);
        if (used.id() < size) {
            nextUsed += slots[used.id()];
            if (nextUsed >= size) {
                nextUsed -= size;
                usedWrap = !usedWrap;
            }
            unused.add(used.id());
        }
        return used;
    }
}
