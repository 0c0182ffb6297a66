package dev.karst.vhost.master;

import dev.karst.base.StorageException;
import dev.karst.env.unix.Signal;
import dev.karst.spec.virtio.Feature;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A virtqueue as the driver has it, in the first megabyte of the guest's memory: 256 KiB for each. */
public abstract class GuestRing {
    /** A buffer of a chain, which the device writes or else reads. */
    public record Piece(long guest, int bytes, boolean write) {}

    /** A chain that came back. */
    public record Used(int id, long written) {}

    /** Bytes of a ring's place. */
    public static final long PLACE_BYTES = 0x40000;

    private static final long DRIVER = 0x10000;
    private static final long DEVICE = 0x20000;
    private static final long WAIT_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    public final int index;
    public final int size;
    /** Where its areas lie in the guest. */
    public final long descriptors;
    public final long driver;
    public final long device;
    public final Told call;
    public final Told error;
    /** Where the device goes on. */
    public int base;

    final Signal kick;
    final Guest guest;

    GuestRing(Master master, int index, int size, int base) throws StorageException {
        this.index = index;
        this.size = size;
        this.base = base;
        guest = master.guest;
        descriptors = index * PLACE_BYTES;
        driver = descriptors + DRIVER;
        device = descriptors + DEVICE;
        guest.fill(descriptors, PLACE_BYTES, 0);
        kick = master.environment().unixSockets().signal();
        call = new Told(master.environment());
        error = new Told(master.environment());
    }

    /** A ring of the kind that the master has agreed upon. */
    public static GuestRing of(Master master, int index, int size) throws StorageException {
        return (master.features & Feature.RING_PACKED) != 0
            ? new PackedGuestRing(master, index, size) : new SplitGuestRing(master, index, size);
    }

    /** Makes a chain available, and gives what tells it from others. */
    public abstract int add(Piece... pieces);

    /** The next chain that has come back; null when there is none. */
    public abstract Used poll();

    /** Tells the device that there is something. */
    public final void kick() {
        kick.raise();
    }

    /** The next chain that comes back; null when none does in this time. */
    public final Used await(long waitMs) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
        Used used = poll();
        while (used == null && System.nanoTime() < end) {
            LockSupport.parkNanos(WAIT_NANOS);
            used = poll();
        }
        return used;
    }

    void close() {
        kick.close();
        call.close();
        error.close();
    }
}
