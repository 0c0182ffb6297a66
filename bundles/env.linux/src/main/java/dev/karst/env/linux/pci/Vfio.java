package dev.karst.env.linux.pci;

import dev.karst.base.Mem;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;

/** Figures of VFIO, and its calls. include/uapi/linux/vfio.h */
final class Vfio {
    static final int GET_API_VERSION = 0x3b64;
    static final int CHECK_EXTENSION = 0x3b65;
    static final int SET_IOMMU = 0x3b66;
    static final int GROUP_GET_STATUS = 0x3b67;
    static final int GROUP_SET_CONTAINER = 0x3b68;
    static final int GROUP_GET_DEVICE_FD = 0x3b6a;
    static final int DEVICE_GET_INFO = 0x3b6b;
    static final int DEVICE_GET_REGION_INFO = 0x3b6c;
    static final int DEVICE_GET_IRQ_INFO = 0x3b6d;
    static final int DEVICE_SET_IRQS = 0x3b6e;
    static final int DEVICE_RESET = 0x3b6f;
    static final int IOMMU_GET_INFO = 0x3b70;
    static final int IOMMU_MAP_DMA = 0x3b71;
    static final int IOMMU_UNMAP_DMA = 0x3b72;

    static final int TYPE1V2_IOMMU = 3;
    static final int GROUP_VIABLE = 1;
    static final int DEVICE_CAN_RESET = 1;
    static final int CONFIG_REGION = 7;
    static final int MSI = 1;
    static final int MSIX = 2;
    /** Raised when the kernel wants the device back. */
    static final int REQUEST = 4;

    /** struct vfio_info_cap_header: id, version, offset of the next. */
    private static final int CAP_NEXT = 4;
    private static final int CAP_HEADER_BYTES = 8;

    private Vfio() {}

    /** A call with a structure in the kernel's scratch, whose first field is its length. */
    static long call(Kernel kernel, int fd, int request, int bytes) {
        Mem.setInt(kernel.scratch, bytes);
        return kernel.call(Syscall.IOCTL, fd, request, kernel.scratch);
    }

    /**
     * Finds a capability in the answer in the scratch.
     *
     * @param first offset of the first capability; 0 for none
     * @return address of what lies behind its header; 0 when it is not there
     */
    static long capability(Kernel kernel, int first, int id) {
        int at = first;
        for (int seen = 0; at > 0 && at <= Kernel.SCRATCH_BYTES - CAP_HEADER_BYTES && seen < Kernel.SCRATCH_BYTES; seen++) {
            if (Mem.getU16(kernel.scratch + at) == id) {
                return kernel.scratch + at + CAP_HEADER_BYTES;
            }
            at = Mem.getInt(kernel.scratch + at + CAP_NEXT);
        }
        return 0;
    }
}
