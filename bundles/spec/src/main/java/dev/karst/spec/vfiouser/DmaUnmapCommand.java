package dev.karst.spec.vfiouser;

import dev.karst.base.Struct;

/** DMA_UNMAP, command and reply: 24 bytes. vfio-user, VFIO_USER_DMA_UNMAP. */
public final class DmaUnmapCommand extends Struct {
    public static final int BYTES = 24;

    public static final U32le ARGSZ = u32le(0);
    public static final U32le FLAGS = u32le(4);
    public static final U64le ADDRESS = u64le(8);
    public static final U64le SIZE = u64le(16);

    private DmaUnmapCommand() {}
}
