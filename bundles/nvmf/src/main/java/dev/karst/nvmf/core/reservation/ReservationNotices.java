package dev.karst.nvmf.core.reservation;

import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.spec.nvme.reservation.ReservationLog;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * What a controller has to tell its host of reservations: the pages of log page 80h, each kept until it is read, and which
 * kinds of notice the host does not want. Confined to the controller's reactor. NVMe Base 2.0, 5.16.1 and 8.19.1.
 */
public final class ReservationNotices {
    /** Notices that are kept unread; the oldest goes for one more. */
    public static final int LIMIT = 64;

    private static final int MOST_TOLD = 255;

    private record Kept(long number, int type, int nsid) {}

    private final Deque<Kept> unread = new ArrayDeque<>();
    /** By NSID: bits of notice types that are not wanted. */
    private final int[] masks;
    private long count;

    public ReservationNotices(int maxNamespaces) {
        masks = new int[maxNamespaces + 1];
    }

    /** As after a reset of the controller. */
    public void reset() {
        unread.clear();
        Arrays.fill(masks, 0);
        count = 0;
    }

    /** Writes what is unread and what is not wanted. */
    public void save(StateWriter state) {
        state.number(count).number(masks.length);
        for (int mask : masks) {
            state.number(mask);
        }
        state.number(unread.size());
        for (Kept one : unread) {
            state.number(one.number).number(one.type).number(one.nsid);
        }
    }

    /** Goes on from what was saved. */
    public void restore(StateReader state) throws StorageException {
        count = state.number();
        state.number(masks.length, masks.length);
        for (int nsid = 0; nsid < masks.length; nsid++) {
            masks[nsid] = (int) state.number();
        }
        int notices = state.number(0, LIMIT);
        for (int i = 0; i < notices; i++) {
            unread.add(new Kept(state.number(), state.number(0, MOST_TOLD), state.number(1, masks.length - 1)));
        }
    }

    /** Bits of the notice types that are not wanted of a namespace. */
    public int mask(int nsid) {
        return masks[nsid];
    }

    /** Sets which notice types are not wanted of a namespace, which need not be there. */
    public void mask(int nsid, int types) {
        masks[nsid] = types;
    }

    /** Sets which notice types are not wanted of any namespace. */
    public void maskAll(int types) {
        Arrays.fill(masks, types);
    }

    /** Keeps a notice; false when it is not wanted. */
    public boolean add(int nsid, int type) {
        if ((masks[nsid] & 1 << type) != 0) {
            return false;
        }
        if (unread.size() == LIMIT) {
            unread.remove();
        }
        count = count + 1 == 0 ? 1 : count + 1;
        unread.add(new Kept(count, type, nsid));
        return true;
    }

    /** Fills in the page of the oldest notice; zeros for none. Gives its length. */
    public int compose(long page) {
        Kept oldest = unread.peek();
        if (oldest != null) {
            ReservationLog.LPC.set(page, oldest.number);
            ReservationLog.RNLPT.set(page, oldest.type);
            ReservationLog.NALP.set(page, Math.min(unread.size() - 1, MOST_TOLD));
            ReservationLog.NSID.set(page, oldest.nsid);
        }
        return ReservationLog.BYTES;
    }

    /** The host has read the page, and did not ask to retain it. */
    public void read() {
        unread.poll();
    }
}
