package dev.karst.spec.vhostuser;

import dev.karst.base.Struct;

/** What each message begins with: 12 bytes. vhost-user, Message Specification. */
public final class Header extends Struct {
    public static final int BYTES = 12;

    /** A {@link Request} or, on the back-end's own channel, a {@link BackendRequest}. */
    public static final U32le REQUEST = u32le(0);
    public static final Bits VERSION = bits(4, 4, 0, 2);
    public static final Bits REPLY = bits(4, 4, 2, 1);
    /** The receiver replies with a u64, 0 for success, where the message has no reply of its own. */
    public static final Bits NEED_REPLY = bits(4, 4, 3, 1);
    public static final Bits RSVD = bits(4, 4, 4, 28);
    /** Bytes behind the header. */
    public static final U32le SIZE = u32le(8);

    /** {@link #VERSION} */
    public static final int VERSION_1 = 1;

    private Header() {}
}
