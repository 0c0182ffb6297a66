package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** What stands before the {@link UsedElement}s; avail_event stands behind them. VIRTIO 1.2, 2.7.8. */
public final class UsedRing extends Struct {
    public static final int BYTES = 4;

    public static final U16le FLAGS = u16le(0);
    public static final U16le IDX = u16le(2);

    /** {@link #FLAGS} */
    public static final int NO_NOTIFY = 1;

    private UsedRing() {}
}
