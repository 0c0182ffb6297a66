package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** DEVICE_GET_INFO, command and reply: 16 bytes. vfio-user, VFIO_USER_DEVICE_GET_INFO. */
public final class DeviceInfo extends Struct {
    public static final int BYTES = 16;

    public static final U32le ARGSZ = u32le(0);
    /** Whether it knows DEVICE_RESET. */
    public static final Bits RESET = bits(4, 4, 0, 1);
    public static final Bits PCI = bits(4, 4, 1, 1);
    public static final Bits RSVD = bits(4, 4, 2, 30);
    public static final U32le NUM_REGIONS = u32le(8);
    public static final U32le NUM_IRQS = u32le(12);

    private DeviceInfo() {}
}
