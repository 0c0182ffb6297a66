package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** DEVICE_GET_IRQ_INFO, command and reply: 16 bytes. vfio-user, VFIO_USER_DEVICE_GET_IRQ_INFO. */
public final class IrqInfo extends Struct {
    public static final int BYTES = 16;

    public static final U32le ARGSZ = u32le(0);
    public static final Bits EVENTFD = bits(4, 4, 0, 1);
    public static final Bits MASKABLE = bits(4, 4, 1, 1);
    public static final Bits AUTOMASKED = bits(4, 4, 2, 1);
    public static final Bits NORESIZE = bits(4, 4, 3, 1);
    public static final Bits RSVD = bits(4, 4, 4, 28);
    public static final U32le INDEX = u32le(8);
    /** How many vectors there are. */
    public static final U32le COUNT = u32le(12);

    /** {@link #INDEX} of MSI-X. Linux, VFIO_PCI_MSIX_IRQ_INDEX. */
    public static final int INDEX_MSIX = 2;

    private IrqInfo() {}
}
