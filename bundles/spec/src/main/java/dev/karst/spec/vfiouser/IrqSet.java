package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** DEVICE_SET_IRQS: 20 bytes; eventfds go along. vfio-user, VFIO_USER_DEVICE_SET_IRQS. */
public final class IrqSet extends Struct {
    public static final int BYTES = 20;

    public static final U32le ARGSZ = u32le(0);
    public static final Bits DATA_NONE = bits(4, 4, 0, 1);
    public static final Bits DATA_BOOL = bits(4, 4, 1, 1);
    public static final Bits DATA_EVENTFD = bits(4, 4, 2, 1);
    public static final Bits ACTION_MASK = bits(4, 4, 3, 1);
    public static final Bits ACTION_UNMASK = bits(4, 4, 4, 1);
    public static final Bits ACTION_TRIGGER = bits(4, 4, 5, 1);
    public static final Bits RSVD = bits(4, 4, 6, 26);
    public static final U32le INDEX = u32le(8);
    public static final U32le START = u32le(12);
    public static final U32le COUNT = u32le(16);

    private IrqSet() {}
}
