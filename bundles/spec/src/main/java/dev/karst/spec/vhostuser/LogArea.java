package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** The memory of the dirty log: 16 bytes. vhost-user, Log description. */
public final class LogArea extends Struct {
    public static final int BYTES = 16;

    public static final U64le MMAP_SIZE = u64le(0);
    public static final U64le MMAP_OFFSET = u64le(8);

    private LogArea() {}
}
