package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** A descriptor of a packed ring: 16 bytes. VIRTIO 1.2, 2.8.13. */
public final class PackedDescriptor extends Struct {
    public static final int BYTES = 16;

    public static final U64le ADDR = u64le(0);
    public static final U32le LEN = u32le(8);
    /** Buffer ID. */
    public static final U16le ID = u16le(12);
    /** As {@link Descriptor#FLAGS}, and these two. */
    public static final U16le FLAGS = u16le(14);

    /** {@link #FLAGS} */
    public static final int AVAIL = 1 << 7;
    public static final int USED = 1 << 15;

    private PackedDescriptor() {}
}
