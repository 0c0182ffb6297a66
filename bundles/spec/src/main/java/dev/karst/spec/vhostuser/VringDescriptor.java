package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** Whose ring a kick, call or err descriptor is: 8 bytes. vhost-user, SET_VRING_KICK. */
public final class VringDescriptor extends Struct {
    public static final int BYTES = 8;

    public static final U8 INDEX = u8(0);
    /** No descriptor goes along. */
    public static final Bits NOFD = bits(1, 1, 0, 1);
    public static final Bits RSVD = bits(1, 1, 1, 7);
    public static final Bytes RSVD2 = bytes(2, 6);

    private VringDescriptor() {}
}
