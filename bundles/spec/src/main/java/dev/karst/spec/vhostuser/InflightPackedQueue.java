package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** What stands before the entries of a packed ring: 32 bytes. vhost-user, Inflight I/O tracking, QueueRegionPacked. */
public final class InflightPackedQueue extends Struct {
    public static final int BYTES = 32;

    public static final U64le FEATURES = u64le(0);
    public static final U16le VERSION = u16le(8);
    public static final U16le DESC_NUM = u16le(10);
    /** Head of the list of free entries. */
    public static final U16le FREE_HEAD = u16le(12);
    /** The same, before what is being done now. */
    public static final U16le OLD_FREE_HEAD = u16le(14);
    /** Where the next descriptor is used. */
    public static final U16le USED_IDX = u16le(16);
    public static final U16le OLD_USED_IDX = u16le(18);
    public static final U8 USED_WRAP_COUNTER = u8(20);
    public static final U8 OLD_USED_WRAP_COUNTER = u8(21);
    public static final Bytes PADDING = bytes(22, 10);

    private InflightPackedQueue() {}
}
