package dev.karst.spec.iscsi;

import dev.karst.base.Struct;

/** SCSI Data-In: 48 bytes. RFC 7143, 11.7. */
public final class DataIn extends Struct {
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
    /** The number of this PDU among those of its command. */
    public static final U32be DATASN = u32be(36);
    /** Where the data belongs. */
    public static final U32be BUFFER_OFFSET = u32be(40);
    /** Residual count. */
    public static final U32be RESIDUAL = u32be(44);

    /** FLAGS: the PDU has the status of the command. */
    public static final int S = 1;

    private DataIn() {}
}
