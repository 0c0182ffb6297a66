package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** When one side wants to be told: 4 bytes. VIRTIO 1.2, 2.8.14. */
public final class EventSuppression extends Struct {
    public static final int BYTES = 4;

    /** Index of a descriptor in bits 14:0, its wrap counter in bit 15. */
    public static final U16le OFF_WRAP = u16le(0);
    public static final U16le FLAGS = u16le(2);

    /** {@link #FLAGS} */
    public static final int ENABLE = 0;
    public static final int DISABLE = 1;
    /** From that descriptor on. */
    public static final int DESC = 2;

    private EventSuppression() {}
}
