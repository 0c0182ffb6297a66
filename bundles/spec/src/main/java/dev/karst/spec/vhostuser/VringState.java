package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** A figure of a ring: 8 bytes. vhost-user, A vring state description. */
public final class VringState extends Struct {
    public static final int BYTES = 8;

    public static final U32le INDEX = u32le(0);
    public static final U32le NUM = u32le(4);

    private VringState() {}
}
