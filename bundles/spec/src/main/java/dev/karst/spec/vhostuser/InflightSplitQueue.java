package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** What stands before the entries of a split ring: 16 bytes. vhost-user, Inflight I/O tracking, QueueRegionSplit. */
public final class InflightSplitQueue extends Struct {
    public static final int BYTES = 16;

    public static final U64le FEATURES = u64le(0);
    public static final U16le VERSION = u16le(8);
    public static final U16le DESC_NUM = u16le(10);
    /** Head of the list of those that went back used last. */
    public static final U16le LAST_BATCH_HEAD = u16le(12);
    /** The used ring's index before they did. */
    public static final U16le USED_IDX = u16le(14);

    private InflightSplitQueue() {}
}
