package dev.karst.vhost.ring;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.spec.virtio.AvailableRing;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.UsedElement;
import dev.karst.spec.virtio.UsedRing;
import java.lang.invoke.VarHandle;

/** A split virtqueue. VIRTIO 1.2, 2.7. */
@ReactorConfined
final class SplitRing extends Ring {
    private static final int MASK = 0xffff;

    private final long descriptors;
    private final long available;
    private final long used;
    private final long usedGuest;
    private final SplitInflight inflight;
    private final int slotMask;
    /** Indices run on through 16 bits. */
    private int nextAvailable;
    private int seenAvailable;
    private int usedIndex;
    private int calledIndex;
    /** The chains that were put back and not published, and their number. */
    private final int[] batch;
    private int batched;
    /** What was read ahead, so that it is read. */
    private long touched;
    /** Whether {@link #calledIndex} means something. */
    private boolean called;

    SplitRing(RingSetup setup) {
        super(setup);
        descriptors = setup.areas().descriptors();
        available = setup.areas().driver();
        used = setup.areas().device();
        slotMask = size - 1;
        batch = new int[size];
        usedGuest = setup.support().usedGuest();
        usedIndex = UsedRing.IDX.get(used);
        long at = setup.support().inflight();
        inflight = at == 0 ? null : new SplitInflight(at, size, usedIndex);
        nextAvailable = (inflight == null ? setup.base() : usedIndex + inflight.found()) & MASK;
        seenAvailable = nextAvailable;
    }

    /** Bytes of the available ring. */
    static long availableBytes(int size) {
        return AvailableRing.BYTES + (long) AvailableRing.ENTRY_BYTES * size + AvailableRing.ENTRY_BYTES;
    }

    /** Bytes of the used ring. */
    static long usedBytes(int size) {
        return UsedRing.BYTES + (long) UsedElement.BYTES * size + AvailableRing.ENTRY_BYTES;
    }

    private boolean isEmpty() {
        if (seenAvailable == nextAvailable) {
            seenAvailable = Mem.getShortAcquire(available + AvailableRing.IDX.offset()) & MASK;
        }
        return seenAvailable == nextAvailable;
    }

    @Override
    int ahead(int most) {
        seenAvailable = Mem.getShortAcquire(available + AvailableRing.IDX.offset()) & MASK;
        int count = Math.min(seenAvailable - nextAvailable & MASK, most);
        for (int i = 0; i < count; i++) {
            touched += Mem.getLong(descriptors + (long) (head(i) & slotMask) * Descriptor.BYTES);
        }
        for (int i = 0; i < count; i++) {
            touched += touch(Mem.getLong(descriptors + (long) (head(i) & slotMask) * Descriptor.BYTES));
        }
        return inflight == null ? count : Math.min(count + inflight.left(), most);
    }

    /** The head of the chain so many behind the next. */
    private int head(int ahead) {
        return Mem.getU16(available + AvailableRing.BYTES + (nextAvailable + ahead & slotMask) * AvailableRing.ENTRY_BYTES);
    }

    @Override
    Chain next() {
        int again = inflight == null ? -1 : inflight.next();
        if (again >= 0) {
            Chain chain = begin(again);
            return chain != null && walk(chain, again) ? chain : null;
        }
        if (isEmpty()) {
            return null;
        }
        if ((seenAvailable - nextAvailable & MASK) > size) {
            breakDown("the available index jumps from " + nextAvailable + " to " + seenAvailable);
            return null;
        }
        int head = head(0);
        Chain chain = begin(head);
        if (chain == null || !walk(chain, head)) {
            return null;
        }
        nextAvailable = nextAvailable + 1 & MASK;
        if (inflight != null) {
            inflight.taken(head);
        }
        return chain;
    }

    /** Collects the buffers of a chain; false when the ring broke. */
    private boolean walk(Chain chain, int head) {
        long table = descriptors;
        int entries = size;
        int index = head;
        for (int steps = 0; steps < entries; steps++) {
            long guest = Mem.getLong(table + (long) index * Descriptor.BYTES);
            long rest = Mem.getLong(table + (long) index * Descriptor.BYTES + Descriptor.LEN.offset());
            long bytes = rest & 0xffff_ffffL;
            int flags = (int) (rest >>> 32) & MASK;
            boolean more = (flags & Descriptor.NEXT) != 0;
            if ((flags & Descriptor.INDIRECT) != 0) {
                if (table != descriptors) {
                    breakDown("an indirect descriptor in an indirect table");
                    return false;
                }
                entries = copyTable(guest, bytes, more);
                if (entries == 0) {
                    return false;
                }
                table = table();
                index = 0;
                steps = -1;
                continue;
            }
            chain.add(memory, guest, bytes, (flags & Descriptor.WRITE) != 0);
            if (!more) {
                return true;
            }
            index = (int) (rest >>> 48);
            if (index >= entries) {
                breakDown("descriptor " + index + " of " + entries);
                return false;
            }
        }
        breakDown("a chain of more than " + entries + " descriptors");
        return false;
    }

    @Override
    void use(Chain chain, int written) {
        if (inflight != null) {
            inflight.putting(chain.id);
        }
        long element = used + UsedRing.BYTES + (long) (usedIndex & slotMask) * UsedElement.BYTES;
        Mem.setLong(element, chain.id | (long) written << 32);
        usedIndex = usedIndex + 1 & MASK;
        batch[batched++] = chain.id;
        if (batched == batch.length) {
            publish();
        }
        markUsed(element - used, UsedElement.BYTES);
    }

    @Override
    public void publish() {
        if (batched == 0) {
            return;
        }
        Mem.setShortRelease(used + UsedRing.IDX.offset(), (short) usedIndex);
        if (inflight != null) {
            inflight.put(batch, batched, usedIndex);
        }
        markUsed(0, Short.BYTES + Short.BYTES);
        batched = 0;
    }

    @Override
    public boolean arm() {
        if (eventIdx) {
            long event = usedBytes(size) - AvailableRing.ENTRY_BYTES;
            Mem.setShort(used + event, (short) nextAvailable);
            markUsed(event, AvailableRing.ENTRY_BYTES);
        } else {
            UsedRing.FLAGS.set(used, 0);
            markUsed(0, Short.BYTES);
        }
        VarHandle.fullFence();
        return isEmpty();
    }

    @Override
    public void disarm() {
        if (!eventIdx) {
            UsedRing.FLAGS.set(used, UsedRing.NO_NOTIFY);
            markUsed(0, Short.BYTES);
        }
    }

    /** Bytes of the used ring were written. */
    private void markUsed(long offset, long bytes) {
        if (usedGuest != 0) {
            log.mark(usedGuest + offset, bytes);
        }
    }

    @Override
    public boolean wantsCall() {
        VarHandle.fullFence();
        if (!eventIdx) {
            return (AvailableRing.FLAGS.get(available) & AvailableRing.NO_INTERRUPT) == 0;
        }
        int event = Mem.getU16(available + availableBytes(size) - AvailableRing.ENTRY_BYTES);
        int before = calledIndex;
        boolean first = !called;
        calledIndex = usedIndex;
        called = true;
        return first || (usedIndex - event - 1 & MASK) < (usedIndex - before & MASK);
    }

    @Override
    public int base() {
        return nextAvailable;
    }
}
