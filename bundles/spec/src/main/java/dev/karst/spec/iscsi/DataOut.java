package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** SCSI Data-Out: 48 bytes. RFC 7143, 11.7. */
public final class DataOut extends Struct {
    public static final int BYTES = 48;

    public static final Bytes HEADER = bytes(0, 20);
    /** Target transfer tag. */
    public static final U32be TTT = u32be(20);
    public static final Bytes RSVD24 = bytes(24, 4);
    /** The status sequence number that the initiator expects next. */
    public static final U32be EXPSTATSN = u32be(28);
    public static final Bytes RSVD32 = bytes(32, 4);
    /** The number of this PDU in its sequence. */
    public static final U32be DATASN = u32be(36);
    /** Where the data belongs. */
    public static final U32be BUFFER_OFFSET = u32be(40);
    public static final Bytes RSVD44 = bytes(44, 4);

    private DataOut() {}
}
