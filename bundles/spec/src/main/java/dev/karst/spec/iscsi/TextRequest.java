package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** Text Request: 48 bytes. RFC 7143, 11.10. */
public final class TextRequest extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    /** Target transfer tag. */
    public static final U32be TTT = u32be(20);
    /** Command sequence number. */
    public static final U32be CMDSN = u32be(24);
    /** The status sequence number that the initiator expects next. */
    public static final U32be EXPSTATSN = u32be(28);
    public static final Bytes RSVD32 = bytes(32, 16);

    /** FLAGS: the text goes on in the next PDU. */
    public static final int C = 0x40;

    private TextRequest() {}
}
