package dev.karst.vhost.ring;

import dev.karst.base.Mem;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.PackedDescriptor;

/** What a driver does with a packed ring at the start of {@link RingMemory}. */
final class PackedDriver {
    private static final int DRIVER_AT = 0x1000;

    private final RingMemory memory;
    private int next;
    private boolean wrap = true;

    PackedDriver(RingMemory memory) {
        this.memory = memory;
    }

    private long at(int index) {
        return memory.address + (long) index * PackedDescriptor.BYTES;
    }

    /** Makes a request of three descriptors available: a header, 512 bytes to write, a status. */
    void request(int id) {
        add(id, RingMemory.DATA, 16, Descriptor.NEXT);
        add(id, RingMemory.DATA + 512, 512, Descriptor.NEXT | Descriptor.WRITE);
        add(id, RingMemory.DATA + 1024, 1, Descriptor.WRITE);
    }

    /** Makes a descriptor available. */
    void add(int id, long target, int bytes, int flags) {
        long at = at(next);
        PackedDescriptor.ADDR.set(at, target);
        PackedDescriptor.LEN.set(at, bytes);
        PackedDescriptor.ID.set(at, id);
        PackedDescriptor.FLAGS.set(at, flags | (wrap ? PackedDescriptor.AVAIL : PackedDescriptor.USED));
        next = next + 1 == RingMemory.SIZE ? 0 : next + 1;
        wrap = next == 0 != wrap;
    }

    /** Whether the descriptor was used, in a round of that wrap counter. */
    boolean isUsed(int index, boolean round) {
        int flags = PackedDescriptor.FLAGS.get(at(index));
        return (flags & PackedDescriptor.USED) != 0 == round && (flags & PackedDescriptor.AVAIL) != 0 == round;
    }

    int usedId(int index) {
        return PackedDescriptor.ID.get(at(index));
    }

    long usedBytes(int index) {
        return PackedDescriptor.LEN.get(at(index));
    }

    /** Sets when the driver wants to be told. */
    void suppress(int offWrap, int flags) {
        Mem.setInt(memory.address + DRIVER_AT, offWrap | flags << 16);
    }
}
