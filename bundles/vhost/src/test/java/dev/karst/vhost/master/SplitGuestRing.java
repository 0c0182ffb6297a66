package dev.karst.vhost.master;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import java.util.ArrayDeque;
import java.util.Deque;

/** A split virtqueue. VIRTIO 1.2, 2.7. */
final class SplitGuestRing extends GuestRing {
    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int MASK = 0xffff;

    private final Deque<Integer> unused = new ArrayDeque<>();
    /** What follows a descriptor of a chain that is in flight; the descriptor itself at the end of one. */
    private final int[] next;
    private final boolean[] inFlight;
    private int seen;

    SplitGuestRing(Master master, int index, int size) throws StorageException {
        super(master, index, size, 0);
        next = new int[size];
        inFlight = new boolean[size];
        for (int i = 0; i < size; i++) {
            unused.add(i);
        }
    }

    @Override
    public int add(Piece... pieces) {
        int head = unused.element();
        for (int i = 0; i < pieces.length; i++) {
            boolean more = i + 1 < pieces.length;
            int descriptor = unused.remove();
            next[descriptor] = more ? unused.element() : descriptor;
            long at = guest.at(descriptors) + 16L * descriptor;
            Mem.setLong(at, pieces[i].guest());
            Mem.setInt(at + 8, pieces[i].bytes());
            Mem.setShort(at + 12, (short) ((more ? NEXT : 0) | (pieces[i].write() ? WRITE : 0)));
            Mem.setShort(at + 14, (short) (more ? next[descriptor] : 0));
        }
        inFlight[head] = true;
        int available = Mem.getU16(guest.at(driver) + 2);
        Mem.setShort(guest.at(driver) + 4 + 2L * (available % size), (short) head);
        Mem.setShortRelease(guest.at(driver) + 2, (short) (available + 1));
        return head;
    }

    @Override
    public Used poll() {
        if ((Mem.getShortAcquire(guest.at(device) + 2) & MASK) == seen) {
            return null;
        }
        long element = guest.at(device) + 4 + 8L * (seen % size);
        seen = seen + 1 & MASK;
        var used = new Used(Mem.getInt(element), Mem.getU32(element + 4));
        if (used.id() >= 0 && used.id() < size && inFlight[used.id()]) {
            inFlight[used.id()] = false;
            release(used.id());
        }
        return used;
    }

    private void release(int head) {
        int descriptor = head;
        unused.add(descriptor);
        while (next[descriptor] != descriptor) {
            descriptor = next[descriptor];
            unused.add(descriptor);
        }
    }
}
