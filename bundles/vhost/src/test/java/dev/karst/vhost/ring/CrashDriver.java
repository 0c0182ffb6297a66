package dev.karst.vhost.ring;

import dev.karst.base.Mem;
import dev.karst.spec.virtio.AvailableRing;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.Feature;
import dev.karst.spec.virtio.PackedDescriptor;
import dev.karst.spec.virtio.UsedElement;
import dev.karst.spec.virtio.UsedRing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A driver that knows what it asked for: each request has a number, which is the length of its first buffer. What it has read of the ring
 * does not change while the device does something, so that it can read the memory of a device that was killed meanwhile.
 */
abstract class CrashDriver {
    static final int SIZE = RingMemory.SIZE;

    /** A request that has not come back, by its number, of so many descriptors from {@code first} on. */
    record Request(int number, int id, int slots, int first) {}

    /** What the driver waits for, in order, and where it reads on in the ring. */
    record State(List<Request> waiting, int used, boolean wrap) {}

    final RingMemory memory;
    State state = new State(List.of(), 0, true);
    private int last;

    CrashDriver(RingMemory memory) {
        this.memory = memory;
    }

    static CrashDriver of(RingMemory memory, long features) {
        return (features & Feature.RING_PACKED) == 0 ? new Split(memory) : new Packed(memory);
    }

    /** How many descriptors it could use now. */
    final int room() {
        return SIZE - state.waiting.stream().mapToInt(Request::slots).sum();
    }

    /** Makes a request of so many descriptors available; the last of them is to be written. */
    final void ask(int slots) {
        Request request = write(++last, slots);
        List<Request> waiting = new ArrayList<>(state.waiting);
        waiting.add(request);
        state = new State(waiting, state.used, state.wrap);
    }

    /** Takes back what has come back. */
    final void reap() {
        state = reap(memory, state);
        released();
    }

    static int flags(int n, int slots) {
        return (n + 1 < slots ? Descriptor.NEXT : 0) | (n + 1 == slots ? Descriptor.WRITE : 0);
    }

    static long target(int n) {
        return RingMemory.DATA + n * 16L;
    }

    static int bytes(int number, int n) {
        return n == 0 ? number : 1;
    }

    /** The number of a request that the device has. */
    static int number(Chain chain) {
        return chain.readable.count() > 0 ? chain.readable.length(0) : chain.writable.length(0);
    }

    abstract Request write(int number, int slots);

    abstract void released();

    /** What a driver that was in that state reads in that memory; fails when something comes back that it does not wait for. */
    abstract State reap(RingMemory in, State before);

    static State without(State state, int id, int nextUsed, boolean nextWrap) {
        List<Request> waiting = new ArrayList<>(state.waiting);
        if (!waiting.removeIf(request -> request.id == id)) {
            throw new AssertionError("chain " + id + " comes back, and was not asked for or has come back before");
        }
        return new State(waiting, nextUsed, nextWrap);
    }

    private static final class Split extends CrashDriver {
        private static final int DRIVER_AT = 0x1000;
        private static final int DEVICE_AT = 0x2000;
        private static final int MASK = 0xffff;

        private int available;

        Split(RingMemory memory) {
            super(memory);
        }

        @Override
        Request write(int number, int slots) {
            boolean[] has = new boolean[SIZE];
            state.waiting.forEach(each -> {
                for (int index = each.id, n = 0; n < each.slots; n++, index = Descriptor.NEXT_INDEX.get(at(index))) {
                    has[index] = true;
                }
            });
            // From somewhere on, so that heads and the order of requests are not alike.
            Deque<Integer> unused = new ArrayDeque<>();
            for (int i = 0; i < SIZE; i++) {
                int index = (i + number * 5) % SIZE;
                if (!has[index]) {
                    unused.add(index);
                }
            }
            int head = unused.element();
            for (int n = 0; n < slots; n++) {
                int index = unused.remove();
                memory.descriptor(RingMemory.GUEST, index, target(n), bytes(number, n),
                    flags(n, slots) | (n + 1 < slots ? unused.element() << Byte.SIZE : 0));
            }
            long ring = memory.address + DRIVER_AT;
            Mem.setShort(ring + AvailableRing.BYTES + (long) (available % SIZE) * AvailableRing.ENTRY_BYTES, (short) head);
            available = available + 1 & MASK;
            AvailableRing.IDX.set(ring, available);
            return new Request(number, head, slots, 0);
        }

        private long at(int index) {
            return memory.address + (long) index * Descriptor.BYTES;
        }

        @Override
        void released() {}

        @Override
        State reap(RingMemory in, State before) {
            State now = before;
            long ring = in.address + DEVICE_AT;
            while (now.used() != UsedRing.IDX.get(ring)) {
                int id = Mem.getInt(ring + UsedRing.BYTES + (long) (now.used() % SIZE) * UsedElement.BYTES);
                now = without(now, id, now.used() + 1 & MASK, true);
            }
            return now;
        }
    }

    private static final class Packed extends CrashDriver {
        private int next;
        private boolean wrap = true;
        private final Deque<Integer> ids = new ArrayDeque<>();

        Packed(RingMemory memory) {
            super(memory);
            released();
        }

        @Override
        void released() {
            // Those of requests that wait are taken; of the others the largest first.
            ids.clear();
            for (int id = SIZE - 1; id >= 0; id--) {
                int candidate = id;
                if (state.waiting.stream().noneMatch(request -> request.id() == candidate)) {
                    ids.add(id);
                }
            }
        }

        @Override
        Request write(int number, int slots) {
            int id = ids.remove();
            int first = next;
            for (int n = 0; n < slots; n++) {
                long at = memory.address + (long) next * PackedDescriptor.BYTES;
                PackedDescriptor.ADDR.set(at, target(n));
                PackedDescriptor.LEN.set(at, bytes(number, n));
                PackedDescriptor.ID.set(at, id);
                PackedDescriptor.FLAGS.set(at, flags(n, slots) | (wrap ? PackedDescriptor.AVAIL : PackedDescriptor.USED));
                next = next + 1 == SIZE ? 0 : next + 1;
                wrap = next == 0 != wrap;
            }
            return new Request(number, id, slots, first);
        }

        @Override
        State reap(RingMemory in, State before) {
            State now = before;
            for (;;) {
                long at = in.address + (long) now.used() * PackedDescriptor.BYTES;
                int flags = PackedDescriptor.FLAGS.get(at);
                boolean isUsed = (flags & PackedDescriptor.USED) != 0;
                if ((flags & PackedDescriptor.AVAIL) != 0 != isUsed || isUsed != now.wrap() || now.waiting().isEmpty()) {
                    return now;
                }
                int id = PackedDescriptor.ID.get(at);
                int slots = now.waiting().stream().filter(request -> request.id() == id).mapToInt(Request::slots).sum();
                int used = now.used() + slots;
                now = without(now, id, used % SIZE, used >= SIZE != now.wrap());
            }
        }
    }
}
