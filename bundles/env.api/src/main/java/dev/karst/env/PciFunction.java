package dev.karst.env;

/**
 * A PCI function as the system lists it. PCI Code and ID Assignment 1.11; PCI Local Bus 3.0, 6.1.
 *
 * @param address {@code domain:bus:device.function}, in hexadecimal, as {@code 0000:00:10.0}
 * @param vendor vendor ID
 * @param device device ID
 * @param subsystemVendor subsystem vendor ID
 * @param subsystemDevice subsystem device ID
 * @param classCode base class, sub-class and programming interface: 24 bits, {@link #NVME} for an NVMe controller
 * @param driver the kernel driver that it is bound to; empty for none
 * @param iommuGroup number of its IOMMU group, or -1 where no IOMMU stands before it
 * @param numaNode node that it is near to, or -1
 */
public record PciFunction(
    String address, int vendor, int device, int subsystemVendor, int subsystemDevice, int classCode, String driver, int iommuGroup,
    int numaNode) {
    /** {@link #classCode} of an NVM Express I/O controller. */
    public static final int NVME = 0x010802;
}
