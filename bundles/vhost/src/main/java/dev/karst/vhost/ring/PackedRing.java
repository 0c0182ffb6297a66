package dev.karst.vhost.ring;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.EventSuppression;
import dev.karst.spec.virtio.PackedDescriptor;
import java.lang.invoke.VarHandle;

/** A packed virtqueue. VIRTIO 1.2, 2.8. */
@ReactorConfined
final class PackedRing extends Ring {
    private static final int MASK = 0xffff;
    private static final int WRAP = 1 << 15;
    private static final int WRAP_SHIFT = 15;
    private static final int USED_SHIFT = 16;

    private final long ring;
    private final long driver;
    private final long device;
    private final long usedGuest;
    private final PackedInflight inflight;
    private int next;
    private boolean nextWrap;
    /** Descriptors of chains that are taken. */
    private int busy;
    private int used;
    private boolean usedWrap;
    private int calledAt;
    /** Whether {@link #calledAt} means something. */
    private boolean called;
    /** What goes where for the first of the chains that were put back and not published: the driver looks at none behind it. 0 for nowhere. */
    private long heldAt;
    private long held;
    /** What was read ahead, so that it is read. */
    private long touched;

    PackedRing(RingSetup setup) {
        super(setup);
        ring = setup.areas().descriptors();
        driver = setup.areas().driver();
        device = setup.areas().device();
        usedGuest = setup.support().usedGuest();
        next = setup.base() & WRAP - 1;
        nextWrap = (setup.base() & WRAP) != 0;
        used = setup.base() >>> USED_SHIFT & WRAP - 1;
        usedWrap = setup.base() >>> USED_SHIFT + WRAP_SHIFT != 0;
        long at = setup.support().inflight();
        inflight = at == 0 ? null : new PackedInflight(at, size, used, usedWrap);
        if (next >= size || used >= size) {
            breakDown("it cannot go on at descriptor " + Math.max(next, used) + " of " + size);
        } else if (inflight != null) {
            recover();
        }
    }

    private void recover() {
        String problem = inflight.recover(ring);
        if (problem != null || inflight.slots() > size) {
            breakDown(problem == null ? "more is in flight than it has room for" : problem);
        } else {
            used = inflight.usedIndex();
            usedWrap = inflight.usedWrap();
            next = used;
            nextWrap = usedWrap;
            advance(inflight.slots());
        }
    }

    private void advance(int slots) {
        next += slots;
        if (next >= size) {
            next -= size;
            nextWrap = !nextWrap;
        }
    }

    private static boolean isAvailable(int flags, boolean wrap) {
        return (flags & PackedDescriptor.AVAIL) != 0 == wrap && (flags & PackedDescriptor.USED) != 0 != wrap;
    }

    private boolean isEmpty() {
        int flags = Mem.getShortAcquire(ring + (long) next * PackedDescriptor.BYTES + PackedDescriptor.FLAGS.offset());
        return !isAvailable(flags, nextWrap);
    }

    @Override
    int ahead(int most) {
        int count = 0;
        int index = next;
        boolean wrap = nextWrap;
        boolean begins = true;
        for (int slots = size - busy; slots > 0 && count < most; slots--) {
            long at = ring + (long) index * PackedDescriptor.BYTES;
            int flags = Mem.getShortAcquire(at + PackedDescriptor.FLAGS.offset());
            if (!isAvailable(flags, wrap)) {
                break;
            }
            if (begins) {
                touched += touch(Mem.getLong(at));
                count++;
            }
            begins = (flags & Descriptor.NEXT) == 0;
            index = index + 1 == size ? 0 : index + 1;
            wrap = index == 0 != wrap;
        }
        return inflight == null ? count : Math.min(count + inflight.left(), most);
    }

    @Override
    public void publish() {
        if (heldAt != 0) {
            VarHandle.releaseFence();
            Mem.setLong(heldAt, held);
            note(heldAt);
            heldAt = 0;
        }
    }

    private void note(long descriptor) {
        if (usedGuest != 0) {
            log.mark(memory.toGuest(descriptor), Long.BYTES);
        }
    }

    @Override
    Chain next() {
        int again = inflight == null ? -1 : inflight.next();
        if (again >= 0) {
            int slots = inflight.slots(again);
            inflight.copy(again, table());
            return chain(slots, again);
        }
        if (isEmpty()) {
            return null;
        }
        int slots = copyChain();
        Chain chain = slots == 0 ? null : chain(slots, -1);
        if (chain != null) {
            advance(slots);
        }
        return chain;
    }

    /** Copies the descriptors of the next chain to the scratch; how many they are, or 0 when the ring broke. */
    private int copyChain() {
        int index = next;
        boolean wrap = nextWrap;
        for (int slots = 1; slots <= size - busy; slots++) {
            long from = ring + (long) index * PackedDescriptor.BYTES;
            long to = table() + (slots - 1L) * PackedDescriptor.BYTES;
            long rest = Mem.getLong(from + PackedDescriptor.LEN.offset());
            int flags = (int) (rest >>> 48);
            Mem.setLong(to, Mem.getLong(from));
            Mem.setLong(to + PackedDescriptor.LEN.offset(), rest);
            if (!isAvailable(flags, wrap)) {
                breakDown("descriptor " + index + " is not available, but part of a chain");
                return 0;
            }
            if ((flags & Descriptor.NEXT) == 0) {
                return slots;
            }
            index = index + 1 == size ? 0 : index + 1;
            wrap = index == 0 != wrap;
        }
        breakDown("a chain that has no end");
        return 0;
    }

    /** Collects the buffers of a chain whose descriptors lie in the scratch; null when the ring broke. */
    private Chain chain(int slots, int entry) {
        long last = table() + (slots - 1L) * PackedDescriptor.BYTES;
        Chain chain = begin(PackedDescriptor.ID.get(last));
        if (chain == null) {
            return null;
        }
        chain.slots = slots;
        if (inflight != null) {
            chain.entry = entry >= 0 ? entry : inflight.taken(table(), slots);
        }
        boolean indirect = (PackedDescriptor.FLAGS.get(table()) & Descriptor.INDIRECT) != 0;
        int count = slots;
        if (indirect) {
            count = copyTable(PackedDescriptor.ADDR.get(table()), PackedDescriptor.LEN.get(table()), slots > 1);
        }
        for (int i = 0; i < count; i++) {
            long at = table() + (long) i * PackedDescriptor.BYTES;
            int flags = PackedDescriptor.FLAGS.get(at);
            if ((flags & Descriptor.INDIRECT) != 0) {
                breakDown("an indirect descriptor in a chain or an indirect table");
                return null;
            }
            chain.add(memory, PackedDescriptor.ADDR.get(at), PackedDescriptor.LEN.get(at), (flags & Descriptor.WRITE) != 0);
        }
        busy += count == 0 ? 0 : slots;
        return count == 0 ? null : chain;
    }

    @Override
    void use(Chain chain, int written) {
        int at = used;
        boolean wrap = usedWrap;
        busy -= chain.slots;
        used += chain.slots;
        if (used >= size) {
            used -= size;
            usedWrap = !usedWrap;
        }
        if (inflight != null) {
            inflight.putting(chain.entry, used, usedWrap);
        }
        long flags = (wrap ? PackedDescriptor.AVAIL | PackedDescriptor.USED : 0) | (written > 0 ? Descriptor.WRITE : 0);
        long descriptor = ring + (long) at * PackedDescriptor.BYTES + PackedDescriptor.LEN.offset();
        long value = written & 0xffff_ffffL | (long) chain.id << 32 | flags << 48;
        if (heldAt == 0) {
            heldAt = descriptor;
            held = value;
        } else {
            Mem.setLong(descriptor, value);
            note(descriptor);
        }
        if (inflight != null) {
            // Whoever takes over after a kill puts chains back in another order: nothing may lie behind the first by then.
            publish();
            inflight.put(chain.entry);
        }
    }

    @Override
    public boolean arm() {
        if (eventIdx) {
            EventSuppression.OFF_WRAP.set(device, next | (nextWrap ? WRAP : 0));
        }
        Mem.setShortRelease(device + EventSuppression.FLAGS.offset(),
            (short) (eventIdx ? EventSuppression.DESC : EventSuppression.ENABLE));
        markDevice();
        VarHandle.fullFence();
        return isEmpty();
    }

    @Override
    public void disarm() {
        EventSuppression.FLAGS.set(device, EventSuppression.DISABLE);
        markDevice();
    }

    /** The device's event suppression was written. */
    private void markDevice() {
        if (usedGuest != 0) {
            log.mark(usedGuest, EventSuppression.BYTES);
        }
    }

    @Override
    public boolean wantsCall() {
        VarHandle.fullFence();
        int before = calledAt;
        boolean first = !called;
        calledAt = used;
        called = true;
        int flags = EventSuppression.FLAGS.get(driver);
        if (flags != EventSuppression.DESC || first) {
            return flags != EventSuppression.DISABLE;
        }
        int offWrap = EventSuppression.OFF_WRAP.get(driver);
        int event = offWrap & WRAP - 1;
        if (offWrap >>> WRAP_SHIFT != 0 != usedWrap) {
            event -= size;
        }
        if (used <= before) {
            before -= size;
        }
        return (used - event - 1 & MASK) < (used - before & MASK);
    }

    @Override
    public int base() {
        return next | (nextWrap ? WRAP : 0) | (used | (usedWrap ? WRAP : 0)) << USED_SHIFT;
    }
}
