package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** What {@link MemoryRegion}s follow: 8 bytes. vhost-user, Multiple memory regions description. */
public final class MemoryTable extends Struct {
    public static final int BYTES = 8;

    public static final U32le NREGIONS = u32le(0);
    public static final U32le PADDING = u32le(4);

    private MemoryTable() {}
}
