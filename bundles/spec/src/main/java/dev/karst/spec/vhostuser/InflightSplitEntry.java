package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** A descriptor that may begin a chain in flight: 16 bytes. vhost-user, Inflight I/O tracking, DescStateSplit. */
public final class InflightSplitEntry extends Struct {
    public static final int BYTES = 16;

    public static final U8 INFLIGHT = u8(0);
    public static final Bytes PADDING = bytes(1, 5);
    /** The one that went back used before it, in the same batch. */
    public static final U16le NEXT = u16le(6);
    /** In what order they came. */
    public static final U64le COUNTER = u64le(8);

    private InflightSplitEntry() {}
}
