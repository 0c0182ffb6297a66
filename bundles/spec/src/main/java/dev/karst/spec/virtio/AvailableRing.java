package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** What stands before the indices of chains that are there to be used; used_event stands behind them. VIRTIO 1.2, 2.7.6. */
public final class AvailableRing extends Struct {
    public static final int BYTES = 4;

    public static final U16le FLAGS = u16le(0);
    public static final U16le IDX = u16le(2);

    /** {@link #FLAGS} */
    public static final int NO_INTERRUPT = 1;
    /** Bytes of an index. */
    public static final int ENTRY_BYTES = 2;

    private AvailableRing() {}
}
