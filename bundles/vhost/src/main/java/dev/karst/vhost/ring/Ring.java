package dev.karst.vhost.ring;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.spec.vhostuser.InflightPackedEntry;
import dev.karst.spec.vhostuser.InflightPackedQueue;
import dev.karst.spec.virtio.Descriptor;
import dev.karst.spec.virtio.EventSuppression;
import dev.karst.spec.virtio.Feature;

/**
 * A virtqueue, seen by the device. Whatever the driver writes that makes no sense breaks it: nothing more is taken, and {@link #broken}
 * says why. Descriptors are read once.
 */
@ReactorConfined
public abstract class Ring {
    /** Most descriptors. */
    public static final int MAX_SIZE = 1024;
    /** Bytes of memory that a ring needs besides. */
    public static final int SCRATCH_BYTES = MAX_SIZE * Descriptor.BYTES;

    final int size;
    final GuestMemory memory;
    final boolean eventIdx;
    final DirtyLog log;
    private final boolean indirect;
    private final long scratch;
    private final Chain[] chains;
    private int taken;
    private String broken;

    Ring(RingSetup setup) {
        size = setup.size();
        memory = setup.memory();
        indirect = setup.has(Feature.RING_INDIRECT_DESC);
        eventIdx = setup.has(Feature.RING_EVENT_IDX);
        scratch = setup.support().scratch();
        log = setup.support().log();
        chains = new Chain[size];
        for (int i = 0; i < size; i++) {
            chains[i] = new Chain(i);
        }
    }

    /** A ring of the kind that was agreed upon. */
    public static Ring of(RingSetup setup) {
        return setup.has(Feature.RING_PACKED) ? new PackedRing(setup) : new SplitRing(setup);
    }

    /** Bytes of the descriptor table, or the packed ring. */
    public static long descriptorBytes(int size) {
        return (long) size * Descriptor.BYTES;
    }

    /** Bytes of what the driver writes. */
    public static long driverBytes(int size, long features) {
        return isPacked(features) ? EventSuppression.BYTES : SplitRing.availableBytes(size) - tail(features);
    }

    /** Bytes of what the device writes. */
    public static long deviceBytes(int size, long features) {
        return isPacked(features) ? EventSuppression.BYTES : SplitRing.usedBytes(size) - tail(features);
    }

    private static boolean isPacked(long features) {
        return (features & Feature.RING_PACKED) != 0;
    }

    /** Bytes that the chains in flight of a ring of either kind take. */
    public static long inflightBytes(int size) {
        return InflightPackedQueue.BYTES + (long) size * InflightPackedEntry.BYTES;
    }

    /** The event index is there if it was agreed upon. */
    private static long tail(long features) {
        return (features & Feature.RING_EVENT_IDX) == 0 ? Short.BYTES : 0;
    }

    /** How many descriptors it has. */
    public final int size() {
        return size;
    }

    /** How many chains are taken. */
    public final int taken() {
        return taken;
    }

    /** Why it is broken, or null. */
    public final String broken() {
        return broken;
    }

    /** Takes nothing more, for this reason. */
    public final void breakDown(String why) {
        if (broken == null) {
            broken = why;
        }
    }

    /** The next chain that the driver has made available, which is the caller's until {@link #put}; null when there is none. */
    public final Chain take() {
        Chain chain = broken == null ? next() : null;
        if (chain != null) {
            chain.taken(true);
            taken++;
        }
        return chain;
    }

    /**
     * Gives a chain back to the driver, in any order, who sees it when {@link #publish} is called at the latest; {@code written} bytes
     * were written to it from the start.
     */
    public final void put(Chain chain, int written) {
        assert chain.isTaken() : "put twice";
        chain.taken(false);
        taken--;
        if (log != null) {
            log.mark(memory, chain.writable);
            if (chain.isFaulty() && chain.lastWritable() != 0) {
                // It need not be among the pieces, when those are too many.
                log.mark(memory.toGuest(chain.lastWritable()), 1);
            }
        }
        use(chain, written);
    }

    /** A chain will never be put back, for the ring is broken. */
    public final void abandon(Chain chain) {
        if (chain.isTaken()) {
            chain.taken(false);
            taken--;
        }
    }

    /** Whether the chain is taken and neither put back nor abandoned. */
    public final boolean holds(Chain chain) {
        return chain.isTaken();
    }

    /** The next chain; null when there is none, or the ring broke. */
    abstract Chain next();

    abstract void use(Chain chain, int written);

    /**
     * How many chains can be taken now, {@code most} or fewer. Has the processor fetch what they begin with all at once: another
     * processor wrote it, and one after the other each would be waited for. What is looked at is not believed.
     */
    public final int ready(int most) {
        return broken == null ? ahead(most) : 0;
    }

    abstract int ahead(int most);

    /** Lets the driver see all that was put back. */
    public abstract void publish();

    /** Asks the driver to tell of chains; false when one has come meanwhile, of which it will not. */
    public abstract boolean arm();

    /** The driver need not tell. */
    public abstract void disarm();

    /** Whether the driver wants to be told of what was put back since this was asked last. */
    public abstract boolean wantsCall();

    /** Where it goes on, as GET_VRING_BASE says it. */
    public abstract int base();

    /** A chain that begins; null, and the ring is broken, when there is no such or it is taken. */
    final Chain begin(int id) {
        if (id >= size) {
            breakDown("descriptor " + id + " of " + size);
            return null;
        }
        Chain chain = chains[id];
        if (chain.isTaken()) {
            breakDown("chain " + id + " is in flight already");
            return null;
        }
        chain.begin();
        return chain;
    }

    /** Reads a byte of the guest's; 0 when it has none there. */
    final long touch(long guest) {
        int region = memory.find(guest);
        return region < 0 ? 0 : Mem.getByte(memory.address(region, guest));
    }

    /** Copies a table of descriptors to the scratch; how many there are, or 0 when the ring broke. */
    final int copyTable(long guest, long bytes, boolean more) {
        if (!indirect || more || bytes == 0 || bytes % Descriptor.BYTES != 0 || bytes > SCRATCH_BYTES) {
            breakDown(!indirect ? "an indirect descriptor, which was not agreed upon"
                : more ? "a descriptor behind an indirect one" : "an indirect table of " + bytes + " bytes");
            return 0;
        }
        long at = guest;
        long left = bytes;
        while (left > 0) {
            int region = memory.find(at);
            if (region < 0) {
                breakDown("an indirect table outside of the guest's memory");
                return 0;
            }
            long part = Math.min(left, memory.room(region, at));
            Mem.copy(memory.address(region, at), scratch + bytes - left, part);
            at += part;
            left -= part;
        }
        return (int) (bytes / Descriptor.BYTES);
    }

    /** Where {@link #copyTable} has put them. */
    final long table() {
        return scratch;
    }
}
