package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** NOP-In: 48 bytes. RFC 7143, 11.19. */
public final class NopIn extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    /** Target transfer tag. */
    public static final U32be TTT = u32be(20);
    /** Status sequence number. */
    public static final U32be STATSN = u32be(24);
    /** The command sequence number that the target expects next. */
    public static final U32be EXPCMDSN = u32be(28);
    /** The highest command sequence number that the target takes. */
    public static final U32be MAXCMDSN = u32be(32);
    public static final Bytes RSVD36 = bytes(36, 12);

    private NopIn() {}
}
