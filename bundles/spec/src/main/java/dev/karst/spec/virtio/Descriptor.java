package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** A buffer of a split ring: 16 bytes. VIRTIO 1.2, 2.7.5. */
public final class Descriptor extends Struct {
    public static final int BYTES = 16;

    public static final U64le ADDR = u64le(0);
    public static final U32le LEN = u32le(8);
    public static final U16le FLAGS = u16le(12);
    public static final U16le NEXT_INDEX = u16le(14);

    /** {@link #FLAGS} */
    public static final int NEXT = 1;
    public static final int WRITE = 2;
    public static final int INDIRECT = 4;

    private Descriptor() {}
}
