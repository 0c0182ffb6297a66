package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.linux.event.EpollEventSet;
import dev.karst.env.linux.event.Watch;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.util.Arrays;

/**
 * The interrupt vectors of a device, MSI-X or else MSI: the kernel writes an eventfd for each. The eventfds stay when vectors are disabled,
 * so that who watches one goes on after the device was reset.
 */
final class VfioInterrupts {
    /** struct vfio_irq_set */
    private static final int SET_FLAGS = 4;
    private static final int SET_INDEX = 8;
    private static final int SET_START = 12;
    private static final int SET_COUNT = 16;
    private static final int SET_BYTES = 20;
    private static final int DATA_NONE = 1;
    private static final int DATA_EVENTFD = 1 << 2;
    private static final int ACTION_TRIGGER = 1 << 5;
    /** struct vfio_irq_info */
    private static final int INFO_COUNT = 12;
    private static final int INFO_BYTES = 16;
    /** include/uapi/linux/eventfd.h */
    private static final int EFD_NONBLOCK = 0x800;
    private static final int EFD_CLOEXEC = 0x80000;

    private static final int MOST = (Kernel.SCRATCH_BYTES - SET_BYTES) / Integer.BYTES;

    private final String address;
    private final int device;
    private final int index;
    private final int vectors;
    private volatile int[] eventfds = {};
    private volatile Watch[] watches = {};
    private int enabled;

    VfioInterrupts(String address, int device) {
        this.address = address;
        this.device = device;
        int msix = count(device, Vfio.MSIX);
        index = msix > 0 ? Vfio.MSIX : Vfio.MSI;
        vectors = Math.min(MOST, msix > 0 ? msix : count(device, Vfio.MSI));
    }

    private static int count(int device, int index) {
        try (Kernel kernel = Kernel.open()) {
            Mem.setInt(kernel.scratch + SET_INDEX, index);
            return Vfio.call(kernel, device, Vfio.DEVICE_GET_IRQ_INFO, INFO_BYTES) < 0 ? 0 : Mem.getInt(kernel.scratch + INFO_COUNT);
        }
    }

    int vectors() {
        return vectors;
    }

    /** An eventfd that whoever reads it waits for, or not; a negative error number when there is none to be had. */
    static int eventfd(Kernel kernel, boolean waits) {
        return (int) kernel.call(Syscall.EVENTFD2, 0, EFD_CLOEXEC | (waits ? 0 : EFD_NONBLOCK), 0);
    }

    /** Has the kernel write these eventfds for the first vectors of an index. Returns 0 or a negative error number. */
    static long set(Kernel kernel, int device, int index, int... eventfds) {
        Mem.setInt(kernel.scratch + SET_FLAGS, ACTION_TRIGGER | (eventfds.length == 0 ? DATA_NONE : DATA_EVENTFD));
        Mem.setInt(kernel.scratch + SET_INDEX, index);
        Mem.setInt(kernel.scratch + SET_START, 0);
        Mem.setInt(kernel.scratch + SET_COUNT, eventfds.length);
        for (int i = 0; i < eventfds.length; i++) {
            Mem.setInt(kernel.scratch + SET_BYTES + i * Integer.BYTES, eventfds[i]);
        }
        return Vfio.call(kernel, device, Vfio.DEVICE_SET_IRQS, SET_BYTES + eventfds.length * Integer.BYTES);
    }

    void enable(int count) throws StorageException {
        String what = "enable " + count + " interrupts of " + address;
        if (count < 0 || count > vectors) {
            throw Failure.refused(Errno.EINVAL, what, "it has " + vectors);
        }
        try (Kernel kernel = Kernel.open()) {
            long result = 0;
            if (enabled > 0) {
                result = set(kernel, device, index);
                enabled = 0;
            }
            if (result == 0 && count > 0) {
                grow(kernel, count);
                result = set(kernel, device, index, Arrays.copyOf(eventfds, count));
            }
            if (result < 0) {
                throw Failure.of(result, what);
            }
            enabled = count;
        }
    }

    private void grow(Kernel kernel, int count) throws StorageException {
        int had = eventfds.length;
        if (count <= had) {
            return;
        }
        int[] more = Arrays.copyOf(eventfds, count);
        Watch[] moreWatches = Arrays.copyOf(watches, count);
        for (int vector = had; vector < count; vector++) {
            more[vector] = eventfd(kernel, false);
            if (more[vector] < 0) {
                close(kernel, Arrays.copyOfRange(more, had, vector));
                throw Failure.of(more[vector], "enable interrupts of " + address);
            }
            moreWatches[vector] = new Watch(more[vector]);
        }
        watches = moreWatches;
        eventfds = more;
    }

    /** Told once per change, so that nobody needs to read the eventfd. */
    void watch(int vector, EventSet events, Readiness readiness) {
        watches[vector].begin(events, readiness, EpollEventSet.EDGE);
    }

    void unwatch(int vector) {
        watches[vector].end();
    }

    private static void close(Kernel kernel, int[] descriptors) {
        for (int descriptor : descriptors) {
            kernel.close(descriptor);
        }
    }

    /** Closes the eventfds; the device raises none any more. */
    void close() {
        try (Kernel kernel = Kernel.open()) {
            close(kernel, eventfds);
        }
    }
}
