package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Ready To Transfer: 48 bytes. RFC 7143, 11.8. */
public final class R2t extends Struct {
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
    /** The number of this R2T among those of its command. */
    public static final U32be R2TSN = u32be(36);
    /** Where the data that is asked for begins. */
    public static final U32be BUFFER_OFFSET = u32be(40);
    /** How many bytes are asked for. */
    public static final U32be DESIRED = u32be(44);

    private R2t() {}
}
