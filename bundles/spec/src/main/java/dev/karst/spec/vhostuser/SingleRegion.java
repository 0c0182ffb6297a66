package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** What stands before the {@link MemoryRegion} of ADD_MEM_REG and REM_MEM_REG. vhost-user, Single memory region description. */
public final class SingleRegion extends Struct {
    public static final int BYTES = 8;

    public static final U64le PADDING = u64le(0);

    private SingleRegion() {}
}
