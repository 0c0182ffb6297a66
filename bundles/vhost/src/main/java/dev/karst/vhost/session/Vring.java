package dev.karst.vhost.session;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.unix.Signal;
import dev.karst.spec.vhostuser.VringAddress;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.ring.GuestMemory;
import dev.karst.vhost.ring.Ring;
import dev.karst.vhost.ring.RingAreas;

/** What a front-end has said of a queue. */
final class Vring {
    private static final int ALIGNMENT = 16;

    final int index;
    int size;
    int base;
    boolean enabled;
    Signal kick;
    /** Whether there is to be no kick, so that it is polled all the time. */
    boolean polled;
    Signal call;
    Signal err;
    /** Null before it is said. */
    Place place;
    /** While it runs. */
    Queue queue;

    Vring(int index) {
        this.index = index;
    }

    /**
     * Where the front-end has a queue.
     *
     * @param usedGuest the guest's address of {@code device} while what is written there goes to the dirty log; else 0
     */
    record Place(long descriptors, long driver, long device, long usedGuest) {
        /** As SET_VRING_ADDR says it. */
        static Place at(long payload) {
            return new Place(VringAddress.DESCRIPTOR.get(payload), VringAddress.AVAILABLE.get(payload), VringAddress.USED.get(payload),
                VringAddress.LOGGED.get(payload) == 0 ? 0 : VringAddress.LOG_ADDRESS.get(payload));
        }
    }

    StorageException refused(String why) {
        return StorageException.errno(Errno.EINVAL, "queue " + index + " cannot be: " + why);
    }

    /** Whether all has been said that it needs to run. */
    boolean isReady() {
        return enabled && place != null && size > 0 && (kick != null || polled);
    }

    /** Forgets all but its number. */
    void reset() {
        size = 0;
        base = 0;
        place = null;
        enabled = false;
    }

    /** Where it lies in the memory. */
    RingAreas areas(GuestMemory memory, long features) throws StorageException {
        return areas(place, size, memory, features);
    }

    /** Where it would lie. */
    RingAreas areas(Place at, int entries, GuestMemory memory, long features) throws StorageException {
        var areas = new RingAreas(
            memory.fromUser(at.descriptors, Ring.descriptorBytes(entries)),
            memory.fromUser(at.driver, Ring.driverBytes(entries, features)),
            memory.fromUser(at.device, Ring.deviceBytes(entries, features)));
        if (areas.descriptors() == 0 || areas.driver() == 0 || areas.device() == 0) {
            throw refused("it does not lie in shared memory");
        }
        boolean packed = (features & Feature.RING_PACKED) != 0;
        if (areas.descriptors() % ALIGNMENT != 0 || areas.driver() % (packed ? Integer.BYTES : Short.BYTES) != 0
            || areas.device() % Integer.BYTES != 0) {
            throw refused("its parts are not aligned");
        }
        return areas;
    }

    /** Closes its signals. It does not run. */
    void close() {
        close(kick);
        close(call);
        close(err);
        kick = null;
        call = null;
        err = null;
    }

    static void close(Signal signal) {
        if (signal != null) {
            signal.close();
        }
    }
}
