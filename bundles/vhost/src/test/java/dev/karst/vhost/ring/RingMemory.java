package dev.karst.vhost.ring;

import dev.karst.base.Mem;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.Feature;
import java.lang.foreign.Arena;
import java.util.List;

/** A guest's memory with one split ring, as its driver writes it. */
final class RingMemory implements AutoCloseable {
    static final int SIZE = 8;
    static final long GUEST = 0x10_0000;
    static final long DATA = GUEST + 0x3000;
    /** What the device writes of the ring. */
    static final long DEVICE = GUEST + 0x2000;

    private static final int DRIVER_AT = 0x1000;
    private static final int DEVICE_AT = 0x2000;
    private static final int BYTES = 0x8000;
    private static final int SCRATCH_AT = BYTES;
    private static final int INFLIGHT_AT = SCRATCH_AT + Ring.SCRATCH_BYTES;
    private static final int LOG_AT = INFLIGHT_AT + 4096;
    private static final int LOG_BYTES = 64;
    private static final int ALL = LOG_AT + LOG_BYTES;
    /** Descriptor 0 with the wrap counter 1, twice. */
    private static final int PACKED_BEGIN = 0x8000_8000;

    private final Arena arena = Arena.ofConfined();
    final long address;
    private int published;

    RingMemory() {
        address = arena.allocate(ALL, 4096).address();
        Mem.register(address, ALL);
    }

    Ring ring(long features) {
        return ring(features, 0, null);
    }

    /** With a place for chains in flight, which a ring before may have used. */
    Ring ringThatKeeps(long features) {
        return ring(features, inflight(), null);
    }

    /** All that outlives the device: the guest's memory, and the place for chains in flight. */
    byte[] image() {
        byte[] image = new byte[LOG_AT];
        Mem.get(address, image, 0, BYTES);
        Mem.get(inflight(), image, INFLIGHT_AT, LOG_AT - INFLIGHT_AT);
        return image;
    }

    /** Becomes what another one was. */
    void become(byte[] image) {
        Mem.put(address, image, 0, BYTES);
        Mem.put(inflight(), image, INFLIGHT_AT, LOG_AT - INFLIGHT_AT);
    }

    /** Where chains in flight are kept. */
    long inflight() {
        return address + INFLIGHT_AT;
    }

    /** With a dirty log, also of the used ring. */
    Ring ringThatLogs(long features) {
        return ring(features, 0, new DirtyLog(address + LOG_AT, LOG_BYTES));
    }

    private Ring ring(long features, long inflight, DirtyLog log) {
        var memory = new GuestMemory(List.of(new GuestRegion(GUEST, BYTES, GUEST, address)));
        var areas = new RingAreas(address, address + DRIVER_AT, address + DEVICE_AT);
        int base = (features & Feature.RING_PACKED) == 0 ? 0 : PACKED_BEGIN;
        var support = new RingSupport(address + SCRATCH_AT, inflight, log, log == null ? 0 : GUEST + DEVICE_AT);
        return Ring.of(new RingSetup(SIZE, features, memory, areas, base, support));
    }

    /** Writes a descriptor of the table at {@code guest}. */
    void descriptor(long guest, int index, long target, int bytes, int flagsAndNext) {
        long at = address + (guest - GUEST) + (long) index * Descriptor.BYTES;
        Descriptor.ADDR.set(at, target);
        Descriptor.LEN.set(at, bytes);
        Descriptor.FLAGS.set(at, flagsAndNext & 0xff);
        Descriptor.NEXT_INDEX.set(at, flagsAndNext >> 8);
    }

    /** Flags and next of a descriptor that another one follows. */
    static int then(int next, int flags) {
        return next << 8 | flags | Descriptor.NEXT;
    }

    /** Makes a chain available. */
    void publish(int head) {
        Mem.setShort(address + DRIVER_AT + 4 + 2L * (published % SIZE), (short) head);
        available(++published);
    }

    void available(int index) {
        Mem.setShort(address + DRIVER_AT + 2, (short) index);
    }

    /** Sets used_event, or the flags of the available ring. */
    void usedEvent(int value) {
        Mem.setShort(address + DRIVER_AT + 4 + 2L * SIZE, (short) value);
    }

    int availEvent() {
        return Mem.getU16(address + DEVICE_AT + 4 + 8L * SIZE);
    }

    int used() {
        return Mem.getU16(address + DEVICE_AT + 2);
    }

    /** An element of the used ring. */
    long usedElement(int index) {
        return Mem.getLong(address + DEVICE_AT + 4 + 8L * index);
    }

    /** Whether the log says that the guest's page was written. */
    boolean isDirty(long guest) {
        long page = guest >>> 12;
        return (Mem.getU8(address + LOG_AT + page / 8) & 1 << page % 8) != 0;
    }

    /** Forgets what the log says. */
    void clearLog() {
        Mem.fill(address + LOG_AT, LOG_BYTES, (byte) 0);
    }

    @Override
    public void close() {
        Mem.unregister(address);
        arena.close();
    }
}
