package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** The memory where requests in flight are kept: 24 bytes. vhost-user, Inflight description. */
public final class InflightArea extends Struct {
    public static final int BYTES = 24;

    public static final U64le MMAP_SIZE = u64le(0);
    public static final U64le MMAP_OFFSET = u64le(8);
    public static final U16le NUM_QUEUES = u16le(16);
    public static final U16le QUEUE_SIZE = u16le(18);
    /** What a C compiler leaves free; some front-ends do not send it. */
    public static final U32le PADDING = u32le(20);

    /** Bytes without the padding. */
    public static final int PACKED_BYTES = 20;

    private InflightArea() {}
}
