package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** DMA_MAP: 32 bytes; the descriptor of the memory goes along. vfio-user, VFIO_USER_DMA_MAP. */
public final class DmaMapCommand extends Struct {
    public static final int BYTES = 32;

    public static final U32le ARGSZ = u32le(0);
    public static final Bits READABLE = bits(4, 4, 0, 1);
    public static final Bits WRITABLE = bits(4, 4, 1, 1);
    public static final Bits RSVD = bits(4, 4, 2, 30);
    /** In the file that the descriptor stands for. */
    public static final U64le OFFSET = u64le(8);
    /** Where the device finds it. */
    public static final U64le ADDRESS = u64le(16);
    public static final U64le SIZE = u64le(24);

    private DmaMapCommand() {}
}
