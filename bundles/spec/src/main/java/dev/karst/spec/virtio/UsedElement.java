package dev.karst.spec.virtio;

import dev.karst.base.Struct;

/** A chain that was used: 8 bytes. VIRTIO 1.2, 2.7.8. */
public final class UsedElement extends Struct {
    public static final int BYTES = 8;

    /** Index of its first descriptor. */
    public static final U32le ID = u32le(0);
    /** Bytes written to it. */
    public static final U32le LEN = u32le(4);

    private UsedElement() {}
}
