package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.Threads;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/**
 * A function that VFIO gave to this process. Registers are read by system calls, which fail where a load would be a fault. When the kernel
 * wants the device back, since it is unplugged or unbound, it is kept from memory and counts as gone; the kernel waits until it is closed.
 */
final class VfioFunction extends HeldFunction {
    /** struct vfio_device_info */
    private static final int DEVICE_INFO_BYTES = 20;
    private static final int DEVICE_FLAGS = 4;
    private static final int REGIONS = 8;

    private final int fd;
    private final boolean canReset;
    private final VfioRegion[] regions = new VfioRegion[REGIONS];
    private final VfioInterrupts interrupts;
    private final DmaMap dma;
    private final int request;

    VfioFunction(String address, int fd, DmaMap dma, Threads threads, Runnable onClose) throws StorageException {
        super(address, onClose);
        this.fd = fd;
        this.dma = dma;
        interrupts = new VfioInterrupts(address, fd);
        try (Kernel kernel = Kernel.open()) {
            canReset = Vfio.call(kernel, fd, Vfio.DEVICE_GET_INFO, DEVICE_INFO_BYTES) == 0
                && (Mem.getInt(kernel.scratch + DEVICE_FLAGS) & Vfio.DEVICE_CAN_RESET) != 0;
            for (int index = 0; index < REGIONS; index++) {
                regions[index] = VfioRegion.of(kernel, fd, index);
            }
            request = VfioInterrupts.eventfd(kernel, true);
            long result = request < 0 ? request : VfioInterrupts.set(kernel, fd, Vfio.REQUEST, request);
            if (result < 0) {
                kernel.close(request);
                throw Failure.of(result, "learn when " + address + " is wanted back");
            }
        }
        threads.start("karst-pci-" + address, this::awaitRequest);
        begin();
    }

    /** Ends when the kernel asks, or {@link #release} does. */
    private void awaitRequest() {
        try (Kernel kernel = Kernel.open()) {
            long result;
            do {
                result = kernel.call(Syscall.READ, request, kernel.scratch, Long.BYTES);
            } while (result == -Errno.EINTR);
            lose();
            kernel.close(request);
        }
    }

    @Override
    public long barBytes(int bar) {
        return regions[bar].bytes();
    }

    @Override
    long readSpace(int offset, int bytes) {
        return read(regions[Vfio.CONFIG_REGION].offset() + offset, bytes, -1);
    }

    @Override
    void writeSpace(int offset, int bytes, long value) {
        write(regions[Vfio.CONFIG_REGION].offset() + offset, bytes, value);
    }

    private long read(long at, int bytes, long failed) {
        try (Kernel kernel = Kernel.open()) {
            Mem.setLong(kernel.scratch, 0);
            boolean done = kernel.call(Syscall.PREAD64, fd, kernel.scratch, bytes, at, 0) == bytes;
            return done ? Mem.getLong(kernel.scratch) : failed;
        }
    }

    private void write(long at, int bytes, long value) {
        try (Kernel kernel = Kernel.open()) {
            Mem.setLong(kernel.scratch, value);
            kernel.call(Syscall.PWRITE64, fd, kernel.scratch, bytes, at, 0);
        }
    }

    @Override
    long map(BarMappings mappings, int bar, long offset, long bytes) throws StorageException {
        VfioRegion region = regions[bar];
        return region.isMappable(offset, bytes)
            ? mappings.map(fd, region.offset(), offset, bytes, "map BAR " + bar + " of " + address())
            : 0;
    }

    @Override
    long readRegister(int bar, long offset, int bytes) {
        return read(regions[bar].offset() + offset, bytes, -1L >>> Long.SIZE - bytes * Byte.SIZE);
    }

    @Override
    void writeRegister(int bar, long offset, int bytes, long value) {
        write(regions[bar].offset() + offset, bytes, value);
    }

    @Override
    public DmaMap dma() {
        return dma;
    }

    @Override
    public int vectors() {
        return interrupts.vectors();
    }

    @Override
    public synchronized void enableInterrupts(int count) throws StorageException {
        interrupts.enable(count);
    }

    @Override
    public void watch(int vector, EventSet events, Readiness readiness) {
        interrupts.watch(vector, events, readiness);
    }

    @Override
    public void unwatch(int vector) {
        interrupts.unwatch(vector);
    }

    @Override
    void resetFunction() throws StorageException {
        try (Kernel kernel = Kernel.open()) {
            long result = canReset ? kernel.call(Syscall.IOCTL, fd, Vfio.DEVICE_RESET, 0) : -Errno.EOPNOTSUPP;
            if (result < 0) {
                throw Failure.of(result, "reset " + address());
            }
        }
    }

    @Override
    void release() {
        interrupts.close();
        try (Kernel kernel = Kernel.open()) {
            Mem.setLong(kernel.scratch, 1);
            kernel.call(Syscall.WRITE, request, kernel.scratch, Long.BYTES);
            kernel.close(fd);
        }
    }
}
