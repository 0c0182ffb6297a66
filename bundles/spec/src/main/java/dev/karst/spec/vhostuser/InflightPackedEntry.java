package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** A descriptor of a packed ring that is in flight: 32 bytes. vhost-user, Inflight I/O tracking, DescStatePacked. */
public final class InflightPackedEntry extends Struct {
    public static final int BYTES = 32;

    /** Whether a chain in flight begins here. */
    public static final U8 INFLIGHT = u8(0);
    public static final U8 PADDING = u8(1);
    public static final U16le NEXT = u16le(2);
    /** For the first of a chain: its last, and how many they are. */
    public static final U16le LAST = u16le(4);
    public static final U16le NUM = u16le(6);
    /** For the first of a chain: in what order they came. */
    public static final U64le COUNTER = u64le(8);
    /** The rest are the descriptor's. */
    public static final U16le ID = u16le(16);
    public static final U16le FLAGS = u16le(18);
    public static final U32le LEN = u32le(20);
    public static final U64le ADDR = u64le(24);

    private InflightPackedEntry() {}
}
