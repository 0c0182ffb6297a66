package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** A part of the guest's memory: 32 bytes; its descriptor goes along. vhost-user, Memory region description. */
public final class MemoryRegion extends Struct {
    public static final int BYTES = 32;

    /** Where the guest finds it. */
    public static final U64le GUEST_ADDRESS = u64le(0);
    public static final U64le SIZE = u64le(8);
    /** Where the front-end finds it; addresses of rings are such. */
    public static final U64le USER_ADDRESS = u64le(16);
    /** In the file that the descriptor stands for. */
    public static final U64le MMAP_OFFSET = u64le(24);

    private MemoryRegion() {}
}
