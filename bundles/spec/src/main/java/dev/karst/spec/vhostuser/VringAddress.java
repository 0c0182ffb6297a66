package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** Where a ring lies, in the front-end's addresses: 40 bytes. vhost-user, A vring address description. */
public final class VringAddress extends Struct {
    public static final int BYTES = 40;

    public static final U32le INDEX = u32le(0);
    /** Whether what is written to the used ring goes to the dirty log, at {@link #LOG_ADDRESS}. */
    public static final Bits LOGGED = bits(4, 4, 0, 1);
    public static final Bits RSVD = bits(4, 4, 1, 31);
    public static final U64le DESCRIPTOR = u64le(8);
    public static final U64le USED = u64le(16);
    public static final U64le AVAILABLE = u64le(24);
    /** The guest's address of the used ring. */
    public static final U64le LOG_ADDRESS = u64le(32);

    private VringAddress() {}
}
