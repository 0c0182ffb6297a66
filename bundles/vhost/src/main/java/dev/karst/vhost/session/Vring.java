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
    private boolean addressed;
    private long descriptors;
    private long driver;
    private long device;
    /** The guest's address of {@link #device} while what is written there goes to the dirty log; else 0. */
    private long usedGuest;
    /** While it runs. */
    Queue queue;

    Vring(int index) {
        this.index = index;
    }

    StorageException refused(String why) {
        return StorageException.errno(Errno.EINVAL, "queue " + index + " cannot be: " + why);
    }

    void address(long payload) {
        descriptors = VringAddress.DESCRIPTOR.get(payload);
        driver = VringAddress.AVAILABLE.get(payload);
        device = VringAddress.USED.get(payload);
        usedGuest = VringAddress.LOGGED.get(payload) == 0 ? 0 : VringAddress.LOG_ADDRESS.get(payload);
        addressed = true;
    }

    /** Whether all has been said that it needs to run. */
    boolean isReady() {
        return enabled && addressed && size > 0 && (kick != null || polled);
    }

    long usedGuest() {
        return usedGuest;
    }

    /** Forgets all but its number. */
    void reset() {
        size = 0;
        base = 0;
        addressed = false;
        enabled = false;
    }

    /** Where it lies in the memory. */
    RingAreas areas(GuestMemory memory, long features) throws StorageException {
        var areas = new RingAreas(
            memory.fromUser(descriptors, Ring.descriptorBytes(size)),
            memory.fromUser(driver, Ring.driverBytes(size, features)),
            memory.fromUser(device, Ring.deviceBytes(size, features)));
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
