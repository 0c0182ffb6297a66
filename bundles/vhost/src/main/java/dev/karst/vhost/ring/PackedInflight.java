package dev.karst.vhost.ring;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.spec.vhostuser.InflightPackedEntry;
import dev.karst.spec.vhostuser.InflightPackedQueue;
import dev.karst.spec.virtio.PackedDescriptor;
import java.lang.invoke.VarHandle;

/**
 * The chains of a packed ring in flight, with their descriptors, whose places in the ring may have been written since. vhost-user,
 * Inflight I/O tracking. The front-end can write there too: the lists are followed by copies of its figures that are checked once.
 */
@ReactorConfined
final class PackedInflight extends Inflight {
    /** USED_IDX and OLD_USED_IDX, USED_WRAP_COUNTER and OLD_USED_WRAP_COUNTER, in the word where they lie. */
    private static final long BOTH_INDICES = 0x1_0001L;
    private static final long BOTH_COUNTERS = 0x101_0000_0000L;

    private int freeHead;
    /** Where the ring goes on. */
    private int usedIndex;
    private boolean usedWrap;
    /** By entry: what follows it, how many descriptors the chain has that begins there, and the last of them. */
    private final int[] next;
    private final int[] count;
    private final int[] last;

    /** Takes the memory over, of a ring that goes on there if nobody has had it yet. */
    PackedInflight(long address, int size, int usedIndex, boolean usedWrap) {
        super(address, size);
        next = new int[size];
        count = new int[size];
        last = new int[size];
        if (InflightPackedQueue.VERSION.get(address) != VERSION || InflightPackedQueue.DESC_NUM.get(address) != size) {
            begin(usedIndex, usedWrap);
        }
    }

    private void begin(int usedIndex, boolean usedWrap) {
        InflightPackedQueue.VERSION.set(address, 0);
        VarHandle.releaseFence();
        for (int i = 0; i < size; i++) {
            InflightPackedEntry.INFLIGHT.set(entry(i), 0);
            link(i, i + 1);
        }
        InflightPackedQueue.FREE_HEAD.set(address, 0);
        InflightPackedQueue.OLD_FREE_HEAD.set(address, 0);
        used(usedIndex, usedWrap);
        settle();
        InflightPackedQueue.DESC_NUM.set(address, size);
        VarHandle.releaseFence();
        InflightPackedQueue.VERSION.set(address, VERSION);
    }

    private void link(int entry, int follower) {
        next[entry] = follower;
        InflightPackedEntry.NEXT.set(entry(entry), follower);
    }

    private long entry(int index) {
        return address + InflightPackedQueue.BYTES + (long) index * InflightPackedEntry.BYTES;
    }

    /**
     * Ends what somebody was interrupted in, and finds those in flight.
     *
     * @param ring the descriptors
     * @return why the memory cannot be believed, or null
     */
    String recover(long ring) {
        int before = InflightPackedQueue.OLD_USED_IDX.get(address);
        boolean wrap = InflightPackedQueue.OLD_USED_WRAP_COUNTER.get(address) != 0;
        usedIndex = InflightPackedQueue.USED_IDX.get(address);
        usedWrap = InflightPackedQueue.USED_WRAP_COUNTER.get(address) != 0;
        if (before >= size || usedIndex >= size) {
            return "its memory of requests in flight names descriptor " + Math.max(before, usedIndex);
        }
        int flags = Mem.getShortAcquire(ring + (long) before * PackedDescriptor.BYTES + PackedDescriptor.FLAGS.offset());
        boolean isUsed = (flags & PackedDescriptor.USED) != 0 == wrap && (flags & PackedDescriptor.AVAIL) != 0 == wrap;
        // A chain of as many descriptors as the ring has comes to the same index, in the next round.
        boolean wasUsing = before != usedIndex || wrap != usedWrap;
        int head = InflightPackedQueue.FREE_HEAD.get(address);
        if (wasUsing && isUsed && head < size) {
            InflightPackedEntry.INFLIGHT.set(entry(head), 0);
            settle();
        } else {
            used(before, wrap);
            InflightPackedQueue.FREE_HEAD.set(address, InflightPackedQueue.OLD_FREE_HEAD.get(address));
        }
        collect();
        return rebuild();
    }

    /** Makes the list of free entries anew: all that no chain in flight has. */
    private String rebuild() {
        boolean[] has = new boolean[size];
        for (int n = 0; n < found(); n++) {
            int head = found(n);
            int index = head;
            count[head] = InflightPackedEntry.NUM.get(entry(head));
            if (count[head] == 0) {
                return "its memory of requests in flight names a chain of no descriptors";
            }
            for (int i = 0; i < count[head]; i++) {
                if (index >= size || has[index]) {
                    return "its memory of requests in flight names descriptor " + index + " twice, or there is none";
                }
                has[index] = true;
                last[head] = index;
                next[index] = InflightPackedEntry.NEXT.get(entry(index));
                index = next[index];
            }
        }
        freeHead = size;
        for (int i = size - 1; i >= 0; i--) {
            if (!has[i]) {
                link(i, freeHead);
                freeHead = i;
            }
        }
        InflightPackedQueue.FREE_HEAD.set(address, freeHead);
        InflightPackedQueue.OLD_FREE_HEAD.set(address, freeHead);
        return null;
    }

    int usedIndex() {
        return usedIndex;
    }

    boolean usedWrap() {
        return usedWrap;
    }

    /** How many descriptors the chains in flight have. */
    int slots() {
        int slots = 0;
        for (int n = 0; n < found(); n++) {
            slots += slots(found(n));
        }
        return slots;
    }

    /** How many descriptors the chain has that begins at the entry. */
    int slots(int entry) {
        return count[entry];
    }

    /** Copies the descriptors of the chain that begins at the entry to {@code target}, as they were in the ring. */
    void copy(int entry, long target) {
        int index = entry;
        for (int i = 0; i < count[entry]; i++) {
            long at = target + (long) i * PackedDescriptor.BYTES;
            PackedDescriptor.ADDR.set(at, InflightPackedEntry.ADDR.get(entry(index)));
            PackedDescriptor.LEN.set(at, InflightPackedEntry.LEN.get(entry(index)));
            PackedDescriptor.ID.set(at, InflightPackedEntry.ID.get(entry(index)));
            PackedDescriptor.FLAGS.set(at, InflightPackedEntry.FLAGS.get(entry(index)));
            index = next[index];
        }
    }

    @Override
    long counter(int entry) {
        return InflightPackedEntry.INFLIGHT.get(entry(entry)) == 0 ? 0 : Math.max(InflightPackedEntry.COUNTER.get(entry(entry)), 1);
    }

    /** Keeps a chain whose descriptors lie at {@code source}; the entry where it begins. There is room: entries are as many as descriptors. */
    int taken(long source, int slots) {
        int head = freeHead;
        int end = head;
        for (int i = 0; i < slots; i++) {
            long at = source + (long) i * PackedDescriptor.BYTES;
            end = freeHead;
            InflightPackedEntry.ADDR.set(entry(end), PackedDescriptor.ADDR.get(at));
            InflightPackedEntry.LEN.set(entry(end), PackedDescriptor.LEN.get(at));
            InflightPackedEntry.ID.set(entry(end), PackedDescriptor.ID.get(at));
            InflightPackedEntry.FLAGS.set(entry(end), PackedDescriptor.FLAGS.get(at));
            freeHead = next[end];
        }
        count[head] = slots;
        last[head] = end;
        InflightPackedEntry.NUM.set(entry(head), slots);
        InflightPackedEntry.LAST.set(entry(head), end);
        InflightPackedEntry.COUNTER.set(entry(head), nextCounter());
        VarHandle.releaseFence();
        InflightPackedEntry.INFLIGHT.set(entry(head), 1);
        VarHandle.releaseFence();
        InflightPackedQueue.FREE_HEAD.set(address, freeHead);
        InflightPackedQueue.OLD_FREE_HEAD.set(address, freeHead);
        return head;
    }

    /** The chain that begins at the entry will be put next, and then the ring goes on there. */
    void putting(int entry, int usedIndex, boolean usedWrap) {
        link(last[entry], freeHead);
        freeHead = entry;
        InflightPackedQueue.FREE_HEAD.set(address, entry);
        used(usedIndex, usedWrap);
        VarHandle.releaseFence();
    }

    /** The driver has it back. */
    void put(int entry) {
        VarHandle.releaseFence();
        InflightPackedEntry.INFLIGHT.set(entry(entry), 0);
        VarHandle.releaseFence();
        settle();
    }

    private void used(int index, boolean wrap) {
        usedIndex = index;
        usedWrap = wrap;
        InflightPackedQueue.USED_IDX.set(address, index);
        InflightPackedQueue.USED_WRAP_COUNTER.set(address, wrap ? 1 : 0);
    }

    /** What was done is done. Index and wrap counter change in one step: half of it would be another place in the ring. */
    private void settle() {
        InflightPackedQueue.OLD_FREE_HEAD.set(address, InflightPackedQueue.FREE_HEAD.get(address));
        Mem.setLong(address + InflightPackedQueue.USED_IDX.offset(), usedIndex * BOTH_INDICES | (usedWrap ? BOTH_COUNTERS : 0));
    }
}
